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

/** What a charm author may ask of the layer. */
export interface Wsgi {
  /** Restarts the application at the end of this hook, as safely as any change: tried beside the running one first. */
  restart(): void;
  /** A variable for the application, over those of relations and under the operator's own. Undefined takes it away. */
  setEnvironment(name: string, value: string | undefined): void;
  /** Adds a nagios check, or replaces the one of that name, ours too. Undefined takes it away. */
  setCheck(name: string, check: Check | undefined): void;
}

export interface WsgiApi extends HandlerApi {
  readonly machine: Machine;
  /** Where the charm is unpacked, as a path of this host. */
  readonly charmDir: string;
  /** The environment of the hook or action. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The hook before this one did not come to its end. */
  readonly interrupted: boolean;
  /** Whether the charm has a hook for secret-changed; without one nothing tells that a secret has a new revision. */
  readonly hearsOfSecrets: boolean;
  /** Values that may hold secrets, kept from hook to hook in a file that only root reads. */
  readonly keep: PrivateRecord;
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
