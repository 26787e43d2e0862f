/** The socket units, one a port: whether a port can be had, which is wanted, and the closing of those that it replaced. */
import { listDirectory, removeFile, writeFile } from '../../system/files.ts';
import { whoListens } from '../../system/listeners.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, disable, resetFailed, restart, show, start, stop } from '../../system/systemd.ts';
import { commandLine } from '../../system/unit-words.ts';
import { closingUnit, portOfClosingTimer, SERVICE, socketUnit, UNITS } from '../paths.ts';
import { blocked } from '../status.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { readServed, type Served } from './state.ts';

/** Seconds for which an old port goes on, so that a proxy in front has read the new one before it is gone. */
const GRACE = 60;

/** Calls off the closing of a port that is wanted again. */
export async function keepSocket(machine: Machine, port: number): Promise<void> {
  if (!(await listDirectory(machine, UNITS)).includes(`${closingUnit(port)}.timer`)) return;
  await stop(machine, `${closingUnit(port)}.timer`);
  await removeClosing(machine, port);
}

/** Takes a socket unit away. The service goes on with what it was handed until it restarts. */
export async function closeSocket(machine: Machine, port: number): Promise<void> {
  const unit = socketUnit(port);
  await disable(machine, unit);
  await stop(machine, unit);
  await removeFile(machine, `${UNITS}/${unit}`);
  await removeClosing(machine, port);
  await daemonReload(machine);
}

/**
 * Sees to it that all ports but the wanted one are closed a minute after it was opened, by systemd, whether or not a
 * hook comes. A port whose minute is over and that is still there, as after a reboot, is closed now.
 *
 * @returns what serves then
 */
export async function retireSockets(
  machine: Machine,
  served: Served,
  wanted: number,
  justOpened: boolean,
): Promise<Served> {
  const old = served.sockets.filter((socket) => socket.port !== wanted);
  let closed = false;
  let changed = false;
  for (const { port, active } of old) {
    if (await isClosing(machine, port)) continue;
    if (active && justOpened && (await closeLater(machine, port))) continue;
    await closeSocket(machine, port);
    changed = true;
    closed ||= active;
  }
  // gunicorn holds what it was handed at its start; only a new start lets the old port go.
  if (closed) await restart(machine, SERVICE);
  await forgetClosed(machine);
  return changed ? readServed(machine) : served;
}

/** Removes the units of closings that are done. */
async function forgetClosed(machine: Machine): Promise<void> {
  const names = await listDirectory(machine, UNITS);
  const ports = names.map(portOfClosingTimer).filter((port) => port !== undefined);
  const done = ports.filter((port) => !names.includes(socketUnit(port)));
  if (done.length === 0) return;
  await stop(machine, ...done.map((port) => `${closingUnit(port)}.timer`));
  for (const port of done) await removeClosing(machine, port);
  await daemonReload(machine);
}

/** A timer that closes the port whether or not a hook comes. It is not enabled: after a reboot the next hook sees to it. */
async function closeLater(machine: Machine, port: number): Promise<boolean> {
  const name = closingUnit(port);
  const { service, timer } = closingUnits(port, machine.path(`${UNITS}/${socketUnit(port)}`), GRACE);
  await writeFile(machine, `${UNITS}/${name}.service`, service, { mode: 0o644 });
  await writeFile(machine, `${UNITS}/${name}.timer`, timer, { mode: 0o644 });
  await daemonReload(machine);
  return (await start(machine, `${name}.timer`)).ok;
}

/** A timer that has elapsed is still active; one that waits will close the port. */
async function isClosing(machine: Machine, port: number): Promise<boolean> {
  const timer = `${closingUnit(port)}.timer`;
  return (await show(machine, [timer], ['SubState'])).get(timer)?.SubState === 'waiting';
}

async function removeClosing(machine: Machine, port: number): Promise<void> {
  for (const kind of ['timer', 'service']) await removeFile(machine, `${UNITS}/${closingUnit(port)}.${kind}`);
}

/**
 * What closes a port later on: a timer, and the service that it starts. Single commands, for a transient unit with a
 * script does not survive a daemon-reload of systemd 252.
 *
 * @param socketFile where the socket's unit file is, as the machine's processes see it
 */
function closingUnits(
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

/** Who listens where the port is ours: a service goes on with a port whose socket unit was removed. */
const OURS = /^gunicorn3(?:-bridge)?\.service |^gunicorn3-\d+\.socket$/;

/**
 * Binds the port as the service's socket will, and lets it go.
 *
 * @throws Problem that says who else holds the port
 */
export async function checkPort(machine: Machine, wanted: DesiredService, port: number): Promise<void> {
  const units = wanted.checkUnits(port);
  const name = `gunicorn3-check-${port}`;
  // Left by a hook that was ended.
  await stop(machine, `${name}.socket`, `${name}.service`);
  if (OURS.test((await whoListens(machine, port)) ?? '')) return;
  await writeFile(machine, `${UNITS}/${name}.socket`, units.socket, { mode: 0o644 });
  await writeFile(machine, `${UNITS}/${name}.service`, units.service, { mode: 0o644 });
  await daemonReload(machine);
  try {
    const bound = await start(machine, `${name}.socket`);
    if (bound.ok) return;
    const holder = await whoListens(machine, port);
    blocked(
      holder === undefined
        ? `port: ${port} cannot be had: ${bound.reason}; choose another`
        : `port: ${port} is taken by ${holder}; choose another, or stop it`,
    );
  } finally {
    await stop(machine, `${name}.socket`, `${name}.service`);
    await resetFailed(machine, `${name}.socket`, `${name}.service`);
    await removeFile(machine, `${UNITS}/${name}.socket`);
    await removeFile(machine, `${UNITS}/${name}.service`);
  }
}
