/** Finds out, through systemd, whether a port can be had, before anything that serves is touched. */
import { removeFile, writeFile } from '../../system/files.ts';
import { whoListens } from '../../system/listeners.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, resetFailed, start, stop } from '../../system/systemd.ts';
import { UNITS } from '../paths.ts';
import { blocked } from '../status.ts';
import type { Wanted } from '../unit/wanted.ts';

/**
 * Binds the port as the service's socket will, and lets it go.
 *
 * @throws Problem that says who holds the port
 */
export async function checkPort(machine: Machine, wanted: Wanted, port: number): Promise<void> {
  const units = wanted.checkUnits(port);
  const name = `gunicorn3-check-${port}`;
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
