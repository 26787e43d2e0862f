/** Texts of the units, from templates: pure functions of what should be true. */

import renderService from '../../../templates/gunicorn3.service.hbs';
import renderSocket from '../../../templates/gunicorn3.socket.hbs';
import renderFailed from '../../../templates/gunicorn3-failed.service.hbs';
import renderPorts from '../../../templates/gunicorn3-ports.service.hbs';
import { commandLine, unitValue } from '../../system/unit-words.ts';
import type { ApplicationProcess } from '../api.ts';
import { FAILED, PORTS } from '../paths.ts';
import { type Confinement, confined, parent } from './confinement.ts';
import type { StaticFiles } from './static-files.ts';

/** Everything that a service unit says. Paths are as the machine's processes see them. */
export interface ServiceSpec extends Confinement {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  /** Name of the unit file, with `.service`. */
  readonly name: string;
  readonly description: string;
  /** gunicorn, by its Python. */
  readonly argv: readonly [string, ...string[]];
  /** The program of templates/gunicorn3-run.py.hbs. */
  readonly launcher: string;
  /** Version of systemd, such as 252. */
  readonly systemd: number;
  /** Where all that is printed goes besides the journal. */
  readonly logFile: string | undefined;
  /** Seconds. */
  readonly startTimeout: number;
  /** Seconds that requests in flight are given. */
  readonly gracefulTimeout: number;
  /** A trial has a port of its own, is not restarted and not started with the machine. */
  readonly trial: boolean;
}

/** Seconds between the end of gunicorn's own patience and systemd's. */
const AFTER = 10;

/** The sockets of a service that listens on whatever ports. */
export const SOCKETS = 'gunicorn3-[0-9]*.socket';
/** With this exit code a service that died again and again is given up: neither Python nor gunicorn has it for anything. */
export const GIVEN_UP = 69;
/** The first systemd that knows RestartMode=; from there on OnFailure= counts for each restart without it. */
const RESTART_MODE = 254;

export function serviceUnit(spec: ServiceSpec): string {
  const { trial, logFile, argv, launcher } = spec;
  const [python] = argv;
  const run: [string, ...string[]] = [python, '-I', '-S', launcher];
  const flags = [...(logFile === undefined ? [] : ['--log', logFile]), ...(trial ? [] : ['--sockets'])];
  const writable = [...spec.readWritePaths, ...(logFile === undefined ? [] : [parent(logFile)])];
  return renderService({
    ...spec,
    ...confined({ ...spec, readWritePaths: writable }),
    description: unitValue(spec.description),
    execStart: commandLine([...run, ...flags, '--', ...argv]),
    execReload: commandLine([...run, '--reload']),
    execStop: commandLine([...run, '--stop', String(spec.gracefulTimeout + AFTER / 2)]),
    // Where it fails the service has ended all the same.
    execStopPost: `-${commandLine([...run, '--ended'])}`,
    givenUp: GIVEN_UP,
    sockets: SOCKETS,
    failed: FAILED,
    ports: PORTS,
    restartMode: spec.systemd >= RESTART_MODE,
    identifier: spec.name.replace(/\.service$/, ''),
    // A trial gets no requests, so there are none to finish.
    stopTimeout: trial ? 2 : spec.gracefulTimeout + AFTER,
  });
}

/** Units that take the sockets of a service down, by their names: when it is stopped, and when it has failed. */
export function closingUnits(owner: string, service: string): ReadonlyMap<string, string> {
  const names = { owner, service, sockets: SOCKETS };
  return new Map([
    [PORTS, renderPorts(names)],
    [FAILED, renderFailed(names)],
  ]);
}

export interface SocketSpec {
  readonly owner: string;
  readonly port: number;
  readonly service: string;
  /** Whether this machine has IPv6. */
  readonly ipv6: boolean;
}

export function socketUnitText({ owner, port, service, ipv6 }: SocketSpec): string {
  return renderSocket({
    owner,
    service,
    description: `Port ${port} of ${service}`,
    listen: [`0.0.0.0:${port}`, ...(ipv6 ? [`[::]:${port}`] : [])],
    ipv6,
  });
}

/** What should serve: everything that a trial and a change of place need to know, and nothing else. */

export interface DesiredService {
  /** Text of the service unit, with the generation in its environment. */
  readonly unit: string;
  /** The same service under another name, on a loopback port. */
  readonly trialUnit: (port: number) => string;
  /** Text of a socket unit, of the service's own unless another one is named. */
  readonly socketUnit: (port: number, service?: string) => string;
  /** Text of the short-lived units that find out whether a port can be had. */
  readonly checkUnits: (port: number) => { readonly socket: string; readonly service: string };
  /** Files that the service is started with, the same for all generations: machine path and content. Nothing in them is secret. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** A copy of what serves now could not serve: its code is gone (new source in place), or its passwords are. */
  readonly isPredecessorLost: boolean;
  /** Folders that its workers serve beside the application, if any. */
  readonly staticFiles: StaticFiles | undefined;
  /** Text of the environment file. */
  readonly environment: string;
  /** Digest of unit, environment and source: what a running process was started with. */
  readonly generation: string;
  /** How it is started, for processes that are to run as it does. */
  readonly process: ApplicationProcess;
  readonly port: number;
  /** How a status line begins when it does not start: `build r2 does not start`, `wsgi_module: x:y does not start`. */
  readonly failure: string;
  /** The whole line where the reason means that wsgi_module names nothing, or nothing of this kind; undefined otherwise. */
  readonly wrongModule: (reason: string) => string | undefined;
  /** What reads on after the reason where nothing was installed that could be imported; undefined otherwise. */
  readonly notInstalled: (reason: string) => string | undefined;
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
