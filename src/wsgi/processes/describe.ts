/** How the processes of this unit do, for people. */
import type { Machine } from '../../system/machine.ts';
import { show } from '../../system/systemd.ts';
import { processOf } from '../unit/process-unit.ts';
import { readProcesses } from './state.ts';

const PROPERTIES = [
  'Id',
  'ActiveState',
  'SubState',
  'Result',
  'ExecMainStatus',
  'NRestarts',
  'ActiveEnterTimestamp',
  'InactiveEnterTimestamp',
  'NextElapseUSecRealtime',
  'LastTriggerUSec',
];

/**
 * A line for each process, with tabs between its columns: `worker@1`, its state, its last result, and for one that is
 * scheduled when it runs next.
 */
export async function describeProcesses(machine: Machine): Promise<string[]> {
  const { units } = await readProcesses(machine);
  const shown = await show(machine, [...units.keys()], PROPERTIES);
  return [...units.keys()].sort().flatMap((unit) => {
    const process = processOf(unit);
    if (process === undefined || process.kind === 'timer') return [];
    const properties = shown.get(unit) ?? {};
    const { ActiveState = 'inactive', SubState = 'dead', NRestarts = '0' } = properties;
    if (process.kind === 'scheduled') {
      const timer = shown.get(unit.replace(/\.service$/, '.timer')) ?? {};
      // Systemd names the next time of a timer once the run that it started has ended.
      const runs = ActiveState === 'activating' || timer.SubState === 'running';
      const state = runs ? 'running' : timer.ActiveState === 'active' ? 'waiting' : 'stopped';
      const ran = known(timer.LastTriggerUSec);
      const last = ran === undefined ? 'never ran here' : `last ${ran}: ${resultOf(properties)}`;
      const next = known(timer.NextElapseUSecRealtime) ?? (runs ? 'is known when this run ends' : 'never');
      return [[process.name, state, last, `next ${next}`].join('\t')];
    }
    const number = /@(\d+)\./.exec(unit)?.[1] ?? '';
    const since = known(properties.ActiveEnterTimestamp);
    const state = ActiveState === 'active' ? `running since ${since ?? 'unknown'}` : `${ActiveState} (${SubState})`;
    const last = NRestarts === '0' ? 'not restarted' : `restarted ${NRestarts} times; last ${resultOf(properties)}`;
    return [[`${process.name}@${number}`, state, last].join('\t')];
  });
}

/** systemd leaves a time that is none empty, or writes n/a. */
function known(time: string | undefined): string | undefined {
  return time === undefined || time === '' || time === 'n/a' || time === '0' ? undefined : time;
}

function resultOf({ Result = 'success', ExecMainStatus = '0' }: Readonly<Record<string, string>>): string {
  return Result === 'exit-code' ? `exit code ${ExecMainStatus}` : Result;
}
