/** What systemd has loaded, and will start again, compared with what this charm wrote. */
import { readFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { environmentPath, SERVICE, socketUnit, UNITS } from '../paths.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import type { Served } from './state.ts';

/**
 * Names of the units and files of a service that are no longer what they were made as, for log lines. Drop-ins are the
 * operator's: one that systemd has not read yet counts, as what serves does not have it.
 */
export async function changedByHand(machine: Machine, wanted: DesiredService, served: Served): Promise<string[]> {
  const files = new Map([
    [`${UNITS}/${SERVICE}`, wanted.unit],
    [`${UNITS}/${socketUnit(wanted.port)}`, wanted.socketUnit(wanted.port)],
    [environmentPath(wanted.generation), wanted.environment],
    ...wanted.files,
  ]);
  const isListed = served.sockets.some(({ port }) => port === wanted.port);
  const changed: string[] = [];
  for (const [path, text] of files) {
    // A port that was not asked for before has no file yet.
    if (path.endsWith('.socket') && !isListed) continue;
    if ((await readFile(machine, path)) !== text) changed.push(path);
  }
  if (changed.length === 0 && !served.loaded) changed.push(`what systemd has loaded of ${SERVICE}`);
  return changed;
}
