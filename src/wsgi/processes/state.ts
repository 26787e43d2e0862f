/** The processes that run on this machine now, read from unit files, systemd, and the processes themselves. */
import { listDirectory, readFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { environmentOf, hasLostFolder, startTime } from '../../system/processes.ts';
import { listUnits, show } from '../../system/systemd.ts';
import { ownerOf } from '../owner.ts';
import { GENERATION, UNITS } from '../paths.ts';
import { processOf } from '../unit/process-unit.ts';

export interface ProcessUnit {
  /** systemd's ActiveState. */
  readonly state: string;
  readonly subState: string;
  /** Why it ended last: success, exit-code, ... */
  readonly result: string;
  readonly enabled: boolean;
  /** The main process, while it lives. */
  readonly pid: number | undefined;
  /** What that process was started with. */
  readonly generation: string | undefined;
  /** The folder that it works in was removed. */
  readonly astray: boolean;
}

export interface ProcessState {
  /** Texts of the unit files, by their names. */
  readonly files: ReadonlyMap<string, string>;
  /** By their names: instances, timers, and the services that these start. */
  readonly units: ReadonlyMap<string, ProcessUnit>;
}

const NONE: ProcessState = { files: new Map(), units: new Map() };
const WANTS = `${UNITS}/multi-user.target.wants`;
const PROPERTIES = ['Id', 'ActiveState', 'SubState', 'Result', 'MainPID', 'UnitFileState'];

/** @param wanted units to look at besides those that systemd knows */
export async function readProcesses(machine: Machine, wanted: readonly string[] = []): Promise<ProcessState> {
  const files = await processFiles(machine);
  if (files.size === 0 && wanted.length === 0) return NONE;
  const linked = await listDirectory(machine, WANTS);
  const known = [...(await listUnits(machine, 'wsgi-*')), ...linked, ...wanted, ...files.keys()];
  const names = [...new Set(known)].filter(
    (name) => !name.endsWith('@.service') && files.has(processOf(name)?.file ?? ''),
  );
  const shown = await show(machine, names, PROPERTIES);
  const units = names.map((name): [string, ProcessUnit] => {
    const properties = shown.get(name) ?? {};
    const pid = Number(properties.MainPID ?? 0);
    const living = name.endsWith('.service') && pid > 0 && startTime(pid) !== undefined ? pid : undefined;
    return [
      name,
      {
        state: properties.ActiveState ?? 'inactive',
        subState: properties.SubState ?? 'dead',
        result: properties.Result ?? 'success',
        enabled: linked.includes(name) || properties.UnitFileState === 'enabled',
        pid: living,
        generation: living === undefined ? undefined : environmentOf(living, GENERATION),
        astray: living !== undefined && hasLostFolder(living),
      },
    ];
  });
  return { files, units: new Map(units) };
}

/** The unit files of processes that this charm wrote, by their names. Files that others wrote are left out. */
export async function processFiles(machine: Machine): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const name of await listDirectory(machine, UNITS)) {
    if (processOf(name) === undefined) continue;
    const text = await readFile(machine, `${UNITS}/${name}`);
    if (text !== undefined && ownerOf(text) !== undefined) found.set(name, text);
  }
  return found;
}
