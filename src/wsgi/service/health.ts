/** Whether a started application answers and stays: what a trial and a service that took its place have in common. */
import { probe } from '../../system/http-probe.ts';
import type { Machine } from '../../system/machine.ts';
import { startTime, workersOf } from '../../system/processes.ts';
import { show } from '../../system/systemd.ts';
import { SERVICE } from '../paths.ts';
import { lastWords, recycled } from './last-words.ts';
import type { Address, Served } from './state.ts';

export interface Expectation {
  readonly unit: string;
  readonly address: Address;
  /** Asked for by GET; a status below 500 is an answer. */
  readonly healthPath: string;
  /** Seconds until the first answer. */
  readonly startTimeout: number;
  /** Seconds for which the processes must then stay the same. */
  readonly settleTime: number;
  /** Called when it has answered, before it settles. */
  readonly answered?: () => Promise<void>;
}

export type Stayed =
  | { readonly ok: true; readonly pid: number }
  /** `kind` says how it failed, so that two failures can be told alike: `died`, `silent`, `500`. */
  | { readonly ok: false; readonly kind: string; readonly reason: string };

/** Seconds in which an application that has started before has to answer. */
export const PATIENCE = 5;

/** Seconds between two looks at an application that starts. */
const INTERVAL = 0.1;

/**
 * Waits until the application answers, and then sees that its processes stay as they are for the time to settle: one
 * that dies after some seconds, or whose workers do, is not one to send traffic to.
 */
export async function answersAndStays(machine: Machine, wanted: Expectation): Promise<Stayed> {
  const answered = await untilAnswered(machine, wanted);
  if (!answered.ok) return answered;
  await wanted.answered?.();
  const workers = new Map(workersOf(answered.pid).map((pid) => [pid, startTime(pid)]));
  const start = startTime(answered.pid);
  const { clock } = machine;
  const until = clock.now() + wanted.settleTime * 1000;
  while (clock.now() < until) {
    await clock.pause(INTERVAL * 1000);
    if (startTime(answered.pid) !== start) return died(machine, wanted, 'died');
  }
  if (startTime(answered.pid) !== start) return died(machine, wanted, 'died');
  // Each is looked at by itself: the kernel's list of children may leave out some while another ends (proc(5)).
  const gone = [...workers].filter(([pid, began]) => startTime(pid) !== began).length;
  if (gone <= (gone === 0 ? 0 : await recycled(machine, wanted.unit))) return answered;
  return died(machine, wanted, 'died', 'its workers end without a word');
}

/** Whether the service answers now; one that died since it was started has to stay for the time to settle besides. */
export function stillServes(
  machine: Machine,
  { restarts }: Served,
  address: Address,
  { healthPath, settleTime }: Pick<Expectation, 'healthPath' | 'settleTime'>,
): Promise<Stayed> {
  return answersAndStays(machine, {
    unit: SERVICE,
    address,
    healthPath,
    startTimeout: PATIENCE,
    settleTime: restarts > 0 ? settleTime : 0,
  });
}

async function untilAnswered(machine: Machine, wanted: Expectation): Promise<Stayed> {
  const { clock } = machine;
  let deadline = clock.now() + wanted.startTimeout * 1000;
  let last = { kind: 'silent', reason: `no answer on ${wanted.healthPath} within ${wanted.startTimeout} s` };
  for (;;) {
    const pid = await mainProcess(machine, wanted.unit);
    if (pid === undefined) return died(machine, wanted, 'died');
    const left = (deadline - clock.now()) / 1000;
    if (left <= 0) return { ok: false, ...last, reason: await withLastWords(machine, wanted, last.reason) };
    const answer = await probe({ ...wanted.address, path: wanted.healthPath, timeout: left });
    if (answer.ok && answer.status < 500) return { ok: true, pid };
    if (answer.ok) {
      // It has started and says so itself: it is given the time to settle, not the time to start.
      if (last.kind === 'silent') deadline = Math.min(deadline, clock.now() + wanted.settleTime * 1000);
      last = { kind: String(answer.status), reason: `${wanted.healthPath} answers ${answer.status}` };
    }
    await clock.pause(INTERVAL * 1000);
  }
}

async function mainProcess(machine: Machine, unit: string): Promise<number | undefined> {
  const properties = (await show(machine, [unit], ['ActiveState', 'MainPID'])).get(unit);
  const pid = Number(properties?.MainPID ?? 0);
  return properties?.ActiveState === 'active' && pid > 0 ? pid : undefined;
}

async function died(
  machine: Machine,
  wanted: Expectation,
  kind: string,
  silent = 'it exits without a word',
): Promise<Stayed> {
  const reason = await lastWords(machine, wanted.unit);
  return { ok: false, kind, reason: reason === '' ? silent : reason };
}

async function withLastWords(machine: Machine, wanted: Expectation, reason: string): Promise<string> {
  const words = await lastWords(machine, wanted.unit);
  return words === '' ? reason : `${reason}: ${words}`;
}
