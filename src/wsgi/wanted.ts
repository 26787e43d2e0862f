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
  /** Text of the unit that takes the sockets down with a service that is dead. */
  readonly failureUnit: { readonly name: string; readonly text: string } | undefined;
  /** Text of the environment file. */
  readonly environment: string;
  /** Digest of unit, environment and source: what a running process was started with. */
  readonly generation: string;
  readonly port: number;
  /** How a status line begins when it does not start: `build r2 does not start`, `wsgi_module: x:y does not start`. */
  readonly failure: string;
  readonly healthPath: string;
  /** Seconds. */
  readonly startTimeout: number;
  /** Seconds. */
  readonly settleTime: number;
  /** Hides secrets in whatever the application printed. */
  readonly mask: (text: string) => string;
}
