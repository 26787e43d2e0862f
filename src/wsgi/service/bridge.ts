/**
 * The bridge: what serves now, started once more on the same sockets, so that no request waits while the service is replaced.
 * Its units are in /run, where a reboot leaves nothing.
 */
import { readFileSync } from 'node:fs';
import { ensureSymlink, listDirectory, removeFile, removeTree, writeFile } from '../../system/files.ts';
import { probe } from '../../system/http-probe.ts';
import type { Machine } from '../../system/machine.ts';
import { residentMemory, workersOf } from '../../system/processes.ts';
import { daemonReload, resetFailed, show, startSoon, stop } from '../../system/systemd.ts';
import { DROP_INS, RUNTIME_UNITS, SERVICE, socketUnit } from '../paths.ts';
import { bridgeUnit, loopbackSocket } from '../unit/bridge-unit.ts';
import { type Address, freePort, parseListen, type Served } from './state.ts';

const BRIDGE = 'gunicorn3-bridge.service';
/** Loopback ports of the bridge and of the service alone: on those that they share, either may be the one that answers. */
const BRIDGE_SOCKET = 'gunicorn3-bridge.socket';
const HEALTH_SOCKET = 'gunicorn3-health.socket';
const WANTS = `${RUNTIME_UNITS}/${SERVICE}.wants`;

/** Milliseconds between two looks at a bridge that starts. */
const INTERVAL = 100;

export interface BridgeOptions {
  /** Text of the unit that is started once more. */
  readonly unit: string;
  readonly served: Served;
  readonly log: (line: string) => void;
}

/** Starts the bridge and does not wait for it. A bridge that a hook left goes on. */
export async function startBridge(machine: Machine, { unit, served, log }: BridgeOptions): Promise<void> {
  if (served.pid === undefined) return;
  const ports = served.sockets.filter(({ active }) => active).map(({ port }) => port);
  if (ports.length === 0 || (await isBridging(machine))) return;
  if (!hasMemoryFor(served.pid)) {
    log(
      'there is not enough memory to serve while the service is replaced: requests wait for as long as it takes to start',
    );
    return;
  }
  const port = await freePort();
  const put = (name: string, text: string) => writeFile(machine, `${RUNTIME_UNITS}/${name}`, text, { mode: 0o644 });
  await put(BRIDGE_SOCKET, loopbackSocket(BRIDGE, port));
  await put(BRIDGE, bridgeUnit(unit, [...ports.map(socketUnit), BRIDGE_SOCKET]));
  if ((await listDirectory(machine, DROP_INS)).length > 0) {
    await ensureSymlink(machine, `${RUNTIME_UNITS}/${BRIDGE}.d`, DROP_INS);
  }
  await daemonReload(machine);
  await startSoon(machine, BRIDGE);
}

/** Whether one was started and has not ended. */
async function isBridging(machine: Machine): Promise<boolean> {
  if (!(await listDirectory(machine, RUNTIME_UNITS)).includes(BRIDGE)) return false;
  const state = (await show(machine, [BRIDGE], ['ActiveState'])).get(BRIDGE)?.ActiveState;
  return state === 'active' || state === 'activating';
}

/**
 * Waits until the bridge answers, whatever it answers, and has the service answer on a port of its own from its next start on.
 * Without a bridge, or with one that does not come to answer, the service is replaced as it is.
 *
 * @param seconds for which it is waited
 */
export async function crossBridge(
  machine: Machine,
  path: string,
  seconds: number,
  log: (line: string) => void,
): Promise<void> {
  if (!(await listDirectory(machine, RUNTIME_UNITS)).includes(BRIDGE)) return;
  const { clock } = machine;
  const deadline = clock.now() + seconds * 1000;
  while (await isBridging(machine)) {
    const left = (deadline - clock.now()) / 1000;
    const address = left > 0 ? await listening(machine, BRIDGE_SOCKET) : undefined;
    if (left <= 0) break;
    if (address !== undefined && (await probe({ ...address, path, timeout: left })).ok)
      return openHealthSocket(machine);
    await clock.pause(INTERVAL);
  }
  log('a second copy of the application does not start, so requests wait while the service is replaced');
  await endBridge(machine);
}

/**
 * Has the service answer on a port of its own from its next start on. A socket cannot start while its service runs: the service
 * brings it along.
 */
export async function openHealthSocket(machine: Machine): Promise<void> {
  const file = `${RUNTIME_UNITS}/${HEALTH_SOCKET}`;
  await writeFile(machine, file, loopbackSocket(SERVICE, await freePort()), { mode: 0o644 });
  await ensureSymlink(machine, `${WANTS}/${HEALTH_SOCKET}`, file);
}

/** Where the service alone answers; undefined where there is no such port. */
export async function healthAddress(machine: Machine): Promise<Address | undefined> {
  if (!(await listDirectory(machine, RUNTIME_UNITS)).includes(HEALTH_SOCKET)) return undefined;
  return listening(machine, HEALTH_SOCKET);
}

async function listening(machine: Machine, socket: string): Promise<Address | undefined> {
  const shown = (await show(machine, [socket], ['ActiveState', 'Listen'])).get(socket);
  return shown?.ActiveState === 'active' ? parseListen(shown.Listen ?? '')[0] : undefined;
}

/** Stops the bridge once its requests are answered, and removes all that belongs to it. Does nothing where there is none. */
export async function endBridge(machine: Machine): Promise<void> {
  const left = (await listDirectory(machine, RUNTIME_UNITS)).filter((name) => OURS.test(name));
  if (left.length === 0) return;
  await stop(machine, BRIDGE, BRIDGE_SOCKET, HEALTH_SOCKET);
  await resetFailed(machine, BRIDGE, BRIDGE_SOCKET, HEALTH_SOCKET);
  await removeFile(machine, `${WANTS}/${HEALTH_SOCKET}`);
  if ((await listDirectory(machine, WANTS)).length === 0) await removeTree(machine, WANTS);
  for (const name of left) await removeFile(machine, `${RUNTIME_UNITS}/${name}`);
  await daemonReload(machine);
}

const OURS = /^\.?gunicorn3-(?:bridge|health)\./;

/** Whether as much memory as a service and its workers have is there once more. */
function hasMemoryFor(pid: number): boolean {
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  const used = [pid, ...workersOf(pid)].reduce((sum, one) => sum + residentMemory(one), 0);
  return kilobytes === undefined || Number(kilobytes) * 1024 > used;
}
