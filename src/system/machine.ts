/** The one seam between the charm and the machine it runs on: a root prefix for files, programs found on PATH. */

/** How a program is run. */
export interface RunOptions {
  /** Written to standard input, which is empty otherwise. Secrets travel here, never in `args`. */
  readonly input?: string | Uint8Array;
  /** Added to the environment of the charm; `undefined` removes a name. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Working directory, as a path of the machine (without the root prefix). */
  readonly cwd?: string;
  /** Seconds after which the whole process group is ended; no bound when absent. */
  readonly timeout?: number;
  /** Bytes kept of each output stream (the last ones); 1 MiB unless told. */
  readonly keep?: number;
  /** Called for each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
}

/** What a program that ended (or never began) left behind. Never thrown: the caller decides what a code means. */
export interface RunResult {
  /** Exit code; 127 when there is no such program; 128 + signal when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The time bound was reached and the process group was ended. */
  readonly timedOut: boolean;
}

/** Time as it passes for waiting: a test's machine has its own, which passes at once. */
export interface Clock {
  /** Milliseconds since some moment; it only grows. */
  now(): number;
  /** Waits for so many milliseconds. */
  pause(milliseconds: number): Promise<void>;
}

/**
 * A machine as the charm sees it. The real one has the root `''`; the sandbox has a directory, and stand-ins for
 * systemctl and the like on PATH. Nothing else differs, so no code of the charm asks which one it is on.
 */
export interface Machine {
  /** Prefix of every file path; empty on a real machine. */
  readonly root: string;
  /** A path of the machine (`/etc/systemd/system`) as the path that file functions and other programs take. */
  path(path: string): string;
  /** The clock by which code waits for something on this machine. */
  readonly clock: Clock;
  /** Runs a program found on PATH, by its name, without a shell. */
  run(program: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
}
