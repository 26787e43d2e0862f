/** A machine of the local model: the sandbox (a directory, no root) or a real Debian under systemd-nspawn. */

export interface ExecOptions {
  /** The whole environment of the process; nothing is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  /** Each line as it comes; the record of a hook's log. */
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
  /** Ends the process group when aborted. */
  readonly signal?: AbortSignal;
}

export interface ExecResult {
  readonly code: number;
  /** Signal that ended it, such as `SIGKILL`. */
  readonly signal?: string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a port of the machine can really be reached from this host. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface LocalMachine {
  readonly kind: 'sandbox' | 'nspawn';
  /** Number in the model, as in `juju status`: `0`. */
  readonly id: string;
  /** The address that units on it have (ingress address in network-get). */
  readonly address: string;
  /** Folder on this host where the machine's files begin (its `/`). */
  readonly rootOnHost: string;
  /** Environment variables that a hook needs on this kind of machine besides Juju's own (the sandbox's root prefix). */
  readonly hookEnv: Readonly<Record<string, string>>;
  /** PATH of a hook without the tools directory of the unit, which goes before it. */
  readonly hookPath: string;
  /** A path of the machine as processes on it see it: in the sandbox the path on this host, else unchanged. */
  seenPath(path: string): string;
  /** Boots it if it is not up. */
  start(): Promise<void>;
  /** Ends every process on it; files stay. */
  stop(): Promise<void>;
  /** Ends every process and boots again, as after a power cut or a `reboot`. */
  reboot(): Promise<void>;
  /** Ends every process and removes all files. */
  destroy(): Promise<void>;
  /** Runs argv on the machine, as root of the machine. */
  exec(argv: readonly string[], options: ExecOptions): Promise<ExecResult>;
  /** What gives a shell on the machine to the terminal that runs it; absent where a shell of this host is one. */
  shell?(): readonly string[];
  /** Where a TCP port that something on the machine listens on can be reached from this host. */
  endpoint(port: number): Promise<Endpoint>;
}
