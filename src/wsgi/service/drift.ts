/** What systemd has loaded, and will start again, compared with what this charm wrote. */
import { statSync } from 'node:fs';
import { listDirectory, readBytes } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { hasLostFolder, userOf } from '../../system/processes.ts';
import { daemonReload, show, type UnitProperties } from '../../system/systemd.ts';
import { DROP_INS, environmentPath, SERVICE, STATE_DIRECTORY, socketUnit, UNITS } from '../paths.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import type { Served } from './state.ts';

/** Names of the units and files of a service that are no longer what they were made as, for log lines. Only looks. */
export async function changedByHand(machine: Machine, wanted: DesiredService, served: Served): Promise<string[]> {
  const files = new Map<string, string | Uint8Array>([
    [`${UNITS}/${SERVICE}`, wanted.unit],
    [`${UNITS}/${socketUnit(wanted.port)}`, wanted.socketUnit(wanted.port)],
    [environmentPath(wanted.generation), wanted.environment],
    ...wanted.files,
  ]);
  const isListed = served.sockets.some(({ port }) => port === wanted.port);
  const changed: string[] = [];
  for (const [path, content] of files) {
    // A port that was not asked for before has no file yet.
    if (path.endsWith('.socket') && !isListed) continue;
    if ((await readBytes(machine, path))?.equals(Buffer.from(content)) !== true) changed.push(path);
  }
  return changed;
}

/** Whether there are drop-ins, the operator's, that systemd may not have read yet: what serves does not have these. Only looks. */
export async function hasUnreadDropIns(machine: Machine, { loaded }: Served): Promise<boolean> {
  return !loaded && (await listDirectory(machine, DROP_INS)).length > 0;
}

/**
 * Has systemd read the files again where it says that it should, and tells whether it comes to other settings then. Time stamps
 * alone make it say so: a clock that jumped, a file that was touched.
 */
export async function loadsOtherwise(machine: Machine, { loaded, sockets }: Served): Promise<boolean> {
  if (loaded) return false;
  const units = [SERVICE, ...sockets.map(({ port }) => socketUnit(port))];
  const before = await show(machine, units);
  await daemonReload(machine);
  const after = await show(machine, units);
  return units.some((unit) => differ(before.get(unit) ?? {}, after.get(unit) ?? {}));
}

/** What a unit counts and measures rather than what it is set to. */
const MEASURED =
  /^(?:NeedDaemonReload|CPUUsageNSec|Memory(?:Current|Available|Peak|Swap\w*|ZSwap\w*)|Tasks?Current|IO\w+|IP\w+)$/;

function differ(before: UnitProperties, after: UnitProperties): boolean {
  // A drop-in may set what systemctl show does not print.
  if (before.DropInPaths || after.DropInPaths) return true;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].some(
    (name) => !MEASURED.test(name) && before[name] !== after[name],
  );
}

/** What a process has that it was not started with by the unit as it is now, for log lines; undefined where it has none. */
export function processDrift(
  machine: Machine,
  { process: { user } }: { readonly process: Pick<DesiredService['process'], 'user'> },
  { pid, user: asked }: Pick<Served, 'pid' | 'user'>,
): string | undefined {
  if (pid === undefined) return undefined;
  if (hasLostFolder(pid)) return 'its folder was removed';
  // A drop-in of the operator's may ask for another user.
  if (asked !== user) return undefined;
  // Where users are only recorded, as in the sandbox, a file that was given to one tells who that is.
  const uid = statSync(machine.path(STATE_DIRECTORY), { throwIfNoEntry: false })?.uid;
  return uid === undefined || uid === userOf(pid) ? undefined : `it is not the user ${user}`;
}
