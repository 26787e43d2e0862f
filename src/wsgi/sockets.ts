/** The socket units: one a port, the wanted one and, for a while, those it took the place of. */
import { removeFile } from '../system/files.ts';
import type { Machine } from '../system/machine.ts';
import { daemonReload, disable, isActive, restart, stop } from '../system/systemd.ts';
import { closingUnit, SERVICE, socketUnit, UNITS } from './places.ts';
import { readServed } from './served.ts';

/** Seconds for which an old port goes on, so that a proxy in front has read the new one before it is gone. */
const GRACE = 60;

/** Calls off the closing of a port that is wanted again. */
export async function keepSocket(machine: Machine, port: number): Promise<void> {
  if (await isActive(machine, `${closingUnit(port)}.timer`)) await stop(machine, `${closingUnit(port)}.timer`);
}

/** Takes a socket unit away. The service goes on with what it was handed until it restarts. */
export async function closeSocket(machine: Machine, port: number): Promise<void> {
  const unit = socketUnit(port);
  await disable(machine, unit);
  await stop(machine, unit);
  await removeFile(machine, `${UNITS}/${unit}`);
  await daemonReload(machine);
}

/**
 * Sees to it that all ports but the wanted one are closed a minute after it was opened, by systemd, whether or not a
 * hook comes. A port whose minute is over and that is still there, as after a reboot, is closed now.
 */
export async function retireSockets(machine: Machine, wanted: number, justOpened: boolean): Promise<void> {
  const old = (await readServed(machine)).sockets.filter((socket) => socket.port !== wanted);
  let closed = false;
  for (const { port, active } of old) {
    if (await isActive(machine, `${closingUnit(port)}.timer`)) continue;
    if (active && justOpened && (await closeLater(machine, port))) continue;
    await closeSocket(machine, port);
    closed ||= active;
  }
  // gunicorn holds what it was handed at its start; only a new start lets the old port go.
  if (closed) await restart(machine, SERVICE);
}

async function closeLater(machine: Machine, port: number): Promise<boolean> {
  const unit = socketUnit(port);
  const file = shellWord(machine.path(`${UNITS}/${unit}`));
  const script = [
    `systemctl disable --now ${unit}`,
    `rm -f ${file}`,
    'systemctl daemon-reload',
    `systemctl try-restart ${SERVICE}`,
  ].join('; ');
  const { code } = await machine.run('systemd-run', [
    '--quiet',
    '--collect',
    `--unit=${closingUnit(port)}`,
    `--on-active=${GRACE}s`,
    '--timer-property=AccuracySec=1s',
    '--',
    '/bin/sh',
    '-c',
    script,
  ]);
  return code === 0;
}

/** A word of sh, whatever is in it (POSIX.1-2017, Shell Command Language 2.2.2). */
function shellWord(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
