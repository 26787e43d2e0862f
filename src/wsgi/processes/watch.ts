/** What a look says and remembers of processes, and the one thing that does not wait for a release: leadership. */
import type { HookContext } from '../../juju/types.ts';
import type { Machine } from '../../system/machine.ts';
import { UNITS } from '../paths.ts';
import { roleOf } from '../process-names.ts';
import { runningLine, type Verdict } from '../status.ts';
import { processOf } from '../unit/process-unit.ts';
import { stopAndWait } from './jobs.ts';
import { readProcesses } from './state.ts';
import type { Process } from './wanted.ts';

interface Where {
  readonly machine: Machine;
  readonly juju: HookContext;
}

/** Whether a unit of a process runs on the leader alone. */
function onLeader(unit: string): boolean {
  const process = processOf(unit);
  return process !== undefined && (process.kind !== 'instance' || roleOf(process.name) === 'scheduler');
}

/** Stops what runs on the leader alone where this unit does not lead any more, whatever else the look comes to. */
export async function leaveToLeader({ machine, juju }: Where): Promise<void> {
  const { units } = await readProcesses(machine);
  const running = [...units]
    .filter(([unit, { state }]) => onLeader(unit) && state !== 'inactive')
    .map(([unit]) => unit);
  if (running.length > 0 && !juju.isLeader()) await stopAndWait(machine, running);
}

/** The active line of an application that has no web server. */
export function lineOf(processes: readonly Process[], juju: HookContext): Verdict {
  const here = processes.filter((process) => process.count > 0 && (!process.onLeader || juju.isLeader()));
  return runningLine(here.map(({ name, count, schedule }) => (schedule === undefined ? `${name}=${count}` : name)));
}

/** What the next hook compares with before it looks at everything again. */
export interface WatchedProcesses {
  /** Machine paths of unit files, and of folders that operators may put settings into. */
  readonly paths: readonly string[];
  /** The main processes. */
  readonly pids: readonly number[];
  /** Whether this unit leads; undefined where that makes no difference. */
  readonly leads: boolean | undefined;
}

/** @param processes those that are wanted here or on the leader */
export async function watchProcesses(
  { machine, juju }: Where,
  processes: readonly Process[],
): Promise<WatchedProcesses> {
  const { files, units } = await readProcesses(machine);
  return {
    paths: [...files.keys()].flatMap((name) => [`${UNITS}/${name}`, `${UNITS}/${name}.d`]),
    // A run of a scheduled process ends when it is done.
    pids: [...units].flatMap(([unit, { pid }]) =>
      pid === undefined || processOf(unit)?.kind !== 'instance' ? [] : [pid],
    ),
    leads: processes.some((process) => process.onLeader) ? juju.isLeader() : undefined,
  };
}
