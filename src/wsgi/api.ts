/** What a handler of a charm on this layer is given. */
import type { HandlerApi } from '../reactive/types.ts';
import type { Machine } from '../system/machine.ts';
import type { PrivateRecord } from '../system/private-record.ts';

/** A check that NRPE runs on this machine when Nagios asks for it. */
export interface Check {
  /** What it is about, as Nagios shows it. */
  readonly description: string;
  /**
   * The program and its arguments. A program without a slash is one of the plugins in /usr/lib/nagios/plugins. No argument is
   * ever read by a shell, and none may hold a line break.
   */
  readonly command: readonly [string, ...string[]];
}

/** A process that the application has besides its web server, such as a worker of a queue. */
export interface Process {
  /** For /bin/sh, in the application's folder, with its environment, as its user. */
  readonly command: string;
  /** How many run on a unit, 1 unless told. The operator's option `processes` wins. */
  readonly count?: number | undefined;
}

/**
 * How the application that serves was started, for a process of the charm's own that is to run as it does: a worker, a
 * scheduler. Paths are as processes of the machine see them, so that they go into a unit file as they are.
 */
export interface ApplicationProcess {
  /** The Python of the application's virtual environment, such as `/opt/gunicorn3/venvs/.../bin/python`. */
  readonly python: string;
  /**
   * The application's environment in systemd's format, for `EnvironmentFile=`. Only root reads it. It has another name after
   * each change, and the file of the name before goes away.
   */
  readonly environmentFile: string;
  readonly user: string;
  readonly group: string;
  /** Where the code that serves is. */
  readonly workingDirectory: string;
}

/**
 * What a charm author may ask of the layer. Reading a part of {@link ApplicationProcess} before the application has served
 * throws a ReactiveError: let the handler wait for `wsgi.available`. The flag `wsgi.process.changed` says that one of the parts has changed.
 */
export interface Wsgi extends ApplicationProcess {
  /** Restarts the application at the end of this hook, as safely as any change: tried beside the running one first. */
  restart(): void;
  /** A variable for the application, over those of relations and under the operator's own. Undefined takes it away. */
  setEnvironment(name: string, value: string | undefined): void;
  /** Adds a nagios check, or replaces the one of that name, ours too. Undefined takes it away. */
  setCheck(name: string, check: Check | undefined): void;
  /**
   * Adds a process, or replaces the one of that name, the Procfile's too. Undefined takes it away. A name such as scheduler,
   * beat, clock or nightly-scheduler runs on the leader alone.
   *
   * @throws Error for a name or a command that no unit could be made of
   */
  setProcess(name: string, process: Process | undefined): void;
}

/** What a handler is given: flags, data, Juju and the event as in every charm, and what this layer adds. */
export interface WsgiApi extends HandlerApi {
  /** The machine of the unit: paths of its files, and programs to run on it. */
  readonly machine: Machine;
  /** Where the charm is unpacked, as a path of this host. */
  readonly charmDir: string;
  /** The environment of the hook or action. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The hook before this one did not come to its end. */
  readonly interrupted: boolean;
  /** Whether the charm has a hook for secret-changed; without one, a new revision of a secret causes no event. */
  readonly hearsOfSecrets: boolean;
  /** Values that may hold secrets, kept from hook to hook in a file that only root reads. */
  readonly keep: PrivateRecord;
  /** What the layer does and says for handlers. */
  readonly wsgi: Wsgi;
  /** Loads what is needed only when something must be done. */
  readonly loadWork: () => Promise<Work>;
}

/** What is loaded only when something must be done. */
export interface Work {
  /** Looks at everything, and brings what serves in line with what is wanted. */
  reconcile(api: WsgiApi): Promise<void>;
  /** Runs the action of this event; returns whether what is wanted may have changed. */
  act(api: WsgiApi): Promise<boolean>;
  /** Unpacks the `build` resource where the layer does that. */
  takeBuildResource(api: WsgiApi): Promise<void>;
}
