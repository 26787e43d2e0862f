/** Whether processes that were started go on. */
import type { Machine } from '../../system/machine.ts';
import { startTime } from '../../system/processes.ts';
import { show } from '../../system/systemd.ts';
import { SANDBOX_REFUSED } from '../service/trial.ts';

/** A process that ended. */
export interface Ended {
  readonly unit: string;
  /** The machine could not set up its sandbox. */
  readonly sandbox: boolean;
  readonly reason: string;
}

/** Seconds between two looks. */
const INTERVAL = 0.1;

/** Sees that the main processes of units stay the same for some seconds. @returns the first that does not */
export async function stay(machine: Machine, units: readonly string[], seconds: number): Promise<Ended | undefined> {
  if (units.length === 0) return undefined;
  const { clock } = machine;
  const shown = await show(machine, units, ['Id', 'ActiveState', 'MainPID']);
  const started = units.map((unit) => {
    const { ActiveState, MainPID } = shown.get(unit) ?? {};
    const pid = ActiveState === 'active' ? Number(MainPID ?? 0) : 0;
    return { unit, pid, start: pid > 0 ? startTime(pid) : undefined };
  });
  const ended = () => started.find(({ pid, start }) => start === undefined || startTime(pid) !== start);
  const until = clock.now() + seconds * 1000;
  while (ended() === undefined && clock.now() < until) await clock.pause(INTERVAL * 1000);
  const first = ended();
  return first && describe(machine, first.unit);
}

async function describe(machine: Machine, unit: string): Promise<Ended> {
  const { ExecMainStatus = '' } = (await show(machine, [unit], ['ExecMainStatus'])).get(unit) ?? {};
  const sandbox = SANDBOX_REFUSED.has(ExecMainStatus);
  return { unit, sandbox, reason: `${unit} ends with status ${ExecMainStatus}` };
}
