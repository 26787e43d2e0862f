/** What must be done so that the processes which run are those that should: a decision, and nothing else. */

import { processOf } from '../unit/process-unit.ts';
import type { DesiredProcess } from './desired-processes.ts';
import type { ProcessState } from './state.ts';

export interface PlanInput {
  readonly processes: readonly DesiredProcess[];
  readonly state: ProcessState;
  readonly leads: boolean;
  /** Somebody asked for the application by name: what was stopped by hand is started. */
  readonly startStopped: boolean;
}

export interface Plan {
  /** Texts of unit files that are not there, or are others. */
  readonly write: ReadonlyMap<string, string>;
  /** Unit files that no process has any more. */
  readonly remove: readonly string[];
  /** Units that are stopped, and no longer start with the machine. */
  readonly stop: readonly string[];
  /** Units that are started, anew where they run. */
  readonly start: readonly string[];
  /** Of these, the ones that did not run although they should have. */
  readonly down: readonly string[];
  /** Units that start with the machine from now on. */
  readonly enable: readonly string[];
  /** Units that somebody has stopped. */
  readonly stopped: readonly string[];
  /** Units that should run, are as they should be, and end again and again. */
  readonly failing: readonly string[];
}

export function planProcesses({ processes, state, leads, startStopped }: PlanInput): Plan {
  const here = processes.filter(({ onLeader }) => leads || !onLeader);
  const wanted = new Map(here.flatMap((process) => process.units.map((unit) => [unit, process] as const)));
  const files = new Map(processes.flatMap((process) => [...process.files]));
  const write = new Map([...files].filter(([name, text]) => state.files.get(name) !== text));
  const looked = [...wanted].map(([unit, process]) => ({ unit, ...lookAt(unit, process, state, write) }));
  const those = (verdict: Verdict) => looked.filter((each) => each.verdict === verdict).map(({ unit }) => unit);
  const byHand = those('stopped');
  return {
    write,
    remove: [...state.files.keys()].filter((name) => !files.has(name)),
    stop: [...state.units]
      .filter(([unit, { state: is, enabled }]) => !belongs(unit, wanted) && (is !== 'inactive' || enabled))
      .map(([unit]) => unit),
    start: [...those('start'), ...those('down'), ...(startStopped ? byHand : [])],
    down: those('down'),
    enable: [...wanted]
      .filter(([unit, { onLeader }]) => !onLeader && state.units.get(unit)?.enabled !== true)
      .map(([unit]) => unit),
    stopped: startStopped ? [] : byHand,
    failing: those('failing'),
  };
}

type Verdict = 'runs' | 'start' | 'down' | 'stopped' | 'failing';

function lookAt(
  unit: string,
  process: DesiredProcess,
  state: ProcessState,
  write: ReadonlyMap<string, string>,
): { readonly verdict: Verdict } {
  const now = state.units.get(unit);
  const rewritten = write.has(processOf(unit)?.file ?? '');
  if (now === undefined || now.state === 'inactive') {
    // Enabled, not failed, and not running: only a person stops a unit that way.
    const byHand = now?.enabled === true && now.result === 'success';
    return { verdict: byHand ? 'stopped' : 'start' };
  }
  if (unit.endsWith('.timer')) return { verdict: rewritten ? 'start' : 'runs' };
  if (now.pid === undefined || now.state === 'failed') return { verdict: rewritten ? 'down' : 'failing' };
  // One that systemd has only just begun has no environment of its own yet; it is begun from the unit file that is there.
  const asWanted = (now.generation === undefined || now.generation === process.generation) && !now.astray;
  return { verdict: asWanted && !rewritten ? 'runs' : 'start' };
}

/** The service of a timer that is wanted goes on with its run, in the build that it began with. */
function belongs(unit: string, wanted: ReadonlyMap<string, unknown>): boolean {
  return wanted.has(unit) || wanted.has(unit.replace(/\.service$/, '.timer'));
}
