/** What should serve: everything that a trial and a change of place need to know, and nothing else. */

export interface Wanted {
  /** Text of the service unit, with the generation in its environment. */
  readonly unit: string;
  /** The same service under another name, on a loopback port. */
  readonly trialUnit: (port: number) => string;
  /** Text of a socket unit. */
  readonly socketUnit: (port: number) => string;
  /** Text of the short-lived units that find out whether a port can be had. */
  readonly checkUnits: (port: number) => { readonly socket: string; readonly service: string };
  /** Files that the service is started with, the same for all generations: machine path and text. Nothing in them is secret. */
  readonly files: ReadonlyMap<string, string>;
  /** Text of the environment file. */
  readonly environment: string;
  /** Digest of unit, environment and source: what a running process was started with. */
  readonly generation: string;
  readonly port: number;
  /** How a status line begins when it does not start: `build r2 does not start`, `wsgi_module: x:y does not start`. */
  readonly failure: string;
  /** What follows from that besides, as the end of the line; empty where the old one goes on as before. */
  readonly consequence: string;
  readonly healthPath: string;
  /** Seconds. */
  readonly startTimeout: number;
  /** Seconds. */
  readonly settleTime: number;
  /** Hides secrets in whatever the application printed. */
  readonly mask: (text: string) => string;
}
