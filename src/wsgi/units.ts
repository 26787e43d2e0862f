/** Texts of the units, from templates: pure functions of what should be true. */
import renderService from '../../templates/gunicorn3.service.hbs';
import renderSocket from '../../templates/gunicorn3.socket.hbs';
import { commandLine, unitValue, unitWord } from './unit-words.ts';

/** Everything that a service unit says. Paths are as the machine's processes see them. */
export interface ServiceSpec {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  /** Name of the unit file. */
  readonly name: string;
  readonly description: string;
  readonly user: string;
  readonly group: string;
  readonly workingDirectory: string;
  readonly argv: readonly string[];
  /** `NAME=value` that tells the generation apart. */
  readonly generation: string;
  readonly environmentFile: string;
  /** Seconds. */
  readonly startTimeout: number;
  /** Seconds that requests in flight are given. */
  readonly gracefulTimeout: number;
  readonly readWritePaths: readonly string[];
  /** False on a machine that refuses the directives. */
  readonly sandboxing: boolean;
  /** A trial is not restarted, not started with the machine, and takes no sockets down. */
  readonly trial: boolean;
  readonly failureUnit: string | undefined;
}

export function serviceUnit(spec: ServiceSpec): string {
  return renderService({
    ...spec,
    description: unitValue(spec.description),
    workingDirectory: unitValue(spec.workingDirectory),
    environmentFile: unitValue(spec.environmentFile),
    generation: unitWord(spec.generation),
    execStart: commandLine(spec.argv),
    readWritePaths: spec.readWritePaths.map((path) => unitWord(path)).join(' '),
    stopTimeout: spec.gracefulTimeout + 10,
    restart: spec.trial ? 'no' : 'always',
    installed: !spec.trial,
    failureUnit: spec.trial ? undefined : spec.failureUnit,
  });
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

/**
 * What closes a port later on: a timer, and the service that it starts. Single commands, for a transient unit with a
 * script does not survive a daemon-reload of systemd 252.
 *
 * @param socketFile where the socket's unit file is, as the machine's processes see it
 */
export function closingUnits(
  port: number,
  socketFile: string,
  seconds: number,
): { readonly service: string; readonly timer: string } {
  const socket = `gunicorn3-${port}.socket`;
  const commands = [
    ['systemctl', 'disable', '--now', socket],
    ['rm', '-f', socketFile],
    ['systemctl', 'daemon-reload'],
    ['systemctl', 'try-restart', 'gunicorn3.service'],
  ];
  return {
    service: [
      '[Unit]',
      `Description=Close port ${port}, which another has taken the place of`,
      '[Service]',
      'Type=oneshot',
      ...commands.map((argv) => `ExecStart=${commandLine(argv)}`),
      '',
    ].join('\n'),
    timer: [
      '[Unit]',
      `Description=Close port ${port} when proxies have read the new one`,
      '[Timer]',
      `OnActiveSec=${seconds}`,
      'AccuracySec=1',
      '',
    ].join('\n'),
  };
}

/** The unit of Juju that a unit file belongs to; undefined for a file that this charm did not write. */
export function ownerOf(text: string): string | undefined {
  return /^# Owner: (\S+)$/m.exec(text)?.[1];
}
