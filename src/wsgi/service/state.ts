/** What serves on this machine now, read from the world: unit files, systemd, and the process itself. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { listDirectory, readFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { environmentOf, startTime } from '../../system/processes.ts';
import { show } from '../../system/systemd.ts';
import type { Options } from '../config/options.ts';
import {
  DROP_INS,
  environmentPath,
  FAILED,
  GENERATION,
  LAUNCHER,
  LOG_ROTATION,
  PORTS,
  portOfSocketUnit,
  SERVICE,
  socketUnit,
  UNITS,
} from '../paths.ts';

/** Where something listens, as systemd says: in a sandbox it is not where the unit file says. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ServedSocket {
  readonly port: number;
  readonly active: boolean;
  readonly addresses: readonly Address[];
}

export interface Served {
  /** The unit file; undefined when there is none. */
  readonly unit: string | undefined;
  /** systemd's ActiveState: active, reloading, inactive, failed, activating, deactivating. */
  readonly state: string;
  /** Why it ended last: success, exit-code, start-limit-hit, ... */
  readonly result: string;
  readonly enabled: boolean;
  /** systemd has read the files of the service and its sockets as they are now. */
  readonly loaded: boolean;
  /** How often systemd started it again by itself, since somebody asked for it last. */
  readonly restarts: number;
  /** The main process, while it lives. */
  readonly pid: number | undefined;
  /** The user that systemd starts it as. */
  readonly user: string | undefined;
  /** What that process was started with; undefined where it was not started by this charm. */
  readonly generation: string | undefined;
  readonly sockets: readonly ServedSocket[];
}

const PROPERTIES = [
  'Id',
  'ActiveState',
  'Result',
  'MainPID',
  'UnitFileState',
  'Listen',
  'NeedDaemonReload',
  'NRestarts',
  'User',
];

/** Asks systemd once for the service and all its sockets. */
export async function readServed(machine: Machine): Promise<Served> {
  const unit = await readFile(machine, `${UNITS}/${SERVICE}`);
  const ports = (await listDirectory(machine, UNITS)).map(portOfSocketUnit).filter((port) => port !== undefined);
  if (unit === undefined && ports.length === 0) {
    return {
      unit,
      state: 'inactive',
      result: 'success',
      enabled: false,
      loaded: true,
      restarts: 0,
      pid: undefined,
      user: undefined,
      generation: undefined,
      sockets: [],
    };
  }
  const shown = await show(machine, [SERVICE, ...ports.map(socketUnit)], PROPERTIES);
  const service = shown.get(SERVICE) ?? {};
  const pid = livingProcess(service.MainPID);
  return {
    unit,
    state: service.ActiveState ?? 'inactive',
    result: service.Result ?? 'success',
    enabled: service.UnitFileState === 'enabled',
    loaded: [...shown.values()].every(({ NeedDaemonReload }) => NeedDaemonReload !== 'yes'),
    restarts: Number(service.NRestarts ?? 0),
    pid,
    user: service.User,
    generation: pid === undefined ? undefined : environmentOf(pid, GENERATION),
    sockets: ports.map((port) => {
      const socket = shown.get(socketUnit(port)) ?? {};
      return { port, active: socket.ActiveState === 'active', addresses: parseListen(socket.Listen ?? '') };
    }),
  };
}

function livingProcess(mainPid: string | undefined): number | undefined {
  const pid = Number(mainPid ?? 0);
  return pid > 0 && startTime(pid) !== undefined ? pid : undefined;
}

/** Whether the process that served when this was read has ended since. */
export function hasEnded({ pid }: Served): boolean {
  return pid !== undefined && startTime(pid) === undefined;
}

/**
 * The addresses in `systemctl show -p Listen`: `0.0.0.0:80 (Stream)`, `[::]:80 (Stream)`, one a line.
 * An address of all interfaces is given as the loopback one, where this machine reaches it.
 */
export function parseListen(text: string): Address[] {
  const addresses: Address[] = [];
  for (const [, host, port] of text.matchAll(/(\[[0-9a-f:.]+\]|[0-9.]+):(\d+) \(Stream\)/gi)) {
    if (host === undefined || port === undefined) continue;
    const bare = host.replace(/^\[|\]$/g, '');
    addresses.push({ host: bare === '0.0.0.0' ? '127.0.0.1' : bare === '::' ? '::1' : bare, port: Number(port) });
  }
  return addresses;
}

/** Where to ask the application, preferring a port and IPv4. */
export function addressOf(served: Served, port: number): Address | undefined {
  const socket = served.sockets.find((one) => one.port === port && one.active);
  return socket?.addresses.find((address) => address.host.includes('.')) ?? socket?.addresses[0];
}

/** The port that proxies should use: the wanted one, or while it cannot be had the one that still serves. */
export function openPort(served: Served, wanted: number): number | undefined {
  if (served.pid === undefined) return undefined;
  const open = served.sockets.filter((socket) => socket.active).map((socket) => socket.port);
  return open.includes(wanted) ? wanted : open[0];
}

/** The files that were made for what serves, and those that an operator may put beside them: a change of one is looked at. */
export function madeFiles({ generation, sockets }: Served, { wsgi_logfile_path }: Options): string[] {
  return [
    `${UNITS}/${SERVICE}`,
    DROP_INS,
    `${UNITS}/${PORTS}`,
    `${UNITS}/${FAILED}`,
    LAUNCHER,
    ...sockets.map(({ port }) => `${UNITS}/${socketUnit(port)}`),
    ...(generation === undefined ? [] : [environmentPath(generation)]),
    ...(wsgi_logfile_path === undefined ? [] : [LOG_ROTATION]),
  ];
}

/** A loopback port that is free now. If another program takes it first, only the trial or the bridge that asked for it fails. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  server.close();
  await once(server, 'close');
  return port;
}
