/** The end of a unit: what it put onto the machine goes; data, logs, builds and packages stay. */
import { listDirectory, removeFile, removeTree } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, disable, stop } from '../../system/systemd.ts';
import { closingUnit, ETC, LOG_ROTATION, portOfSocketUnit, SERVICE, socketUnit, UNITS } from '../paths.ts';
import { stopServing } from './replace.ts';
import { readServed } from './state.ts';
import { endTrial } from './trial.ts';

/** Stops serving, and does not begin again with the machine. */
export async function stopForGood(machine: Machine): Promise<void> {
  await endTrial(machine);
  const { sockets, unit } = await readServed(machine);
  if (unit === undefined && sockets.length === 0) return;
  const ports = sockets.map(({ port }) => port);
  await stop(machine, ...ports.map((port) => `${closingUnit(port)}.timer`));
  await stopServing(machine);
  await disable(machine, ...ports.map(socketUnit), SERVICE);
}

/** Removes units, environment and what else this charm configured. May run without `stop` before it, or never. */
export async function removeAll(machine: Machine): Promise<void> {
  await stopForGood(machine);
  for (const name of await listDirectory(machine, UNITS)) {
    const ours =
      name === SERVICE ||
      portOfSocketUnit(name) !== undefined ||
      /^gunicorn3-[a-z0-9-]+\.(service|socket|timer)$/.test(name);
    if (ours) await removeFile(machine, `${UNITS}/${name}`);
  }
  await removeFile(machine, LOG_ROTATION);
  await removeTree(machine, ETC);
  await daemonReload(machine);
}
