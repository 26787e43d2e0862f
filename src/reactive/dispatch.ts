import type { Candidate } from './candidates.ts';
import { HandlerError } from './errors.ts';
import type { LiveFlags } from './flags.ts';
import type { Phase } from './holds.ts';
import { Roster } from './roster.ts';
import type { Condition } from './types.ts';

/** After this many iterations a dispatch ends although handlers still match. */
const mostIterations = 100;

/** Is told what a dispatch does, as it does it. */
export interface DispatchObserver {
  readonly phase?: (phase: Phase) => void;
  readonly iteration?: (iteration: number) => void;
  /** `failed` is the condition that did not hold; undefined when the handler is to be invoked. */
  readonly tested?: (name: string, failed: Condition | 'declined' | undefined, again: boolean) => void;
  readonly invoking?: (name: string) => void;
  readonly invoked?: (name: string) => void;
  /** The bound was reached while these still matched. */
  readonly unsettled?: (names: readonly string[]) => void;
}

export interface DispatchOptions {
  /** The hook is collect-metrics or meter-status-changed. */
  readonly restricted?: boolean;
  readonly observers?: readonly DispatchObserver[];
}

/**
 * Tests and invokes candidates until none matches, by the rules of charms.reactive:
 * - phase `hooks`, once, then phase `other`, in iterations; in restricted hooks the phase `restricted`, once, instead;
 * - after the first iteration of `other`, a candidate with flags is tested only if one of them changed in the iteration
 *   before;
 * - a flag set now counts from the next iteration on; once any flag is cleared those still waiting are tested again.
 *
 * What a candidate throws ends the dispatch; nothing is written then, so nothing of the hook is kept.
 *
 * @throws HandlerError with the candidate's name
 */
export async function dispatch(
  candidates: readonly Candidate[],
  flags: LiveFlags,
  options: DispatchOptions = {},
): Promise<void> {
  const roster = new Roster(candidates);
  const { observers = [] } = options;
  flags.resetRecord();
  const begin = (phase: Phase, iteration: number) => {
    for (const observer of observers) {
      if (iteration === 0) observer.phase?.(phase);
      observer.iteration?.(iteration);
    }
  };
  if (options.restricted) {
    begin('restricted', 0);
    await run(roster, roster.all(), 'restricted', flags, observers);
    return;
  }
  begin('hooks', 0);
  await run(roster, roster.all(), 'hooks', flags, observers);
  for (let iteration = 0; ; iteration++) {
    const asked = iteration === 0 ? roster.all() : roster.concerned(flags.changes);
    if (iteration === mostIterations) {
      const names = asked.map((index) => nameOf(roster, index));
      for (const observer of observers) observer.unsettled?.(names);
      break;
    }
    begin('other', iteration);
    const matched = await run(roster, asked, 'other', flags, observers);
    if (matched === 0) break;
  }
  flags.resetRecord();
}

/** Tests those asked, and invokes those that match. Returns how many matched. */
async function run(
  roster: Roster,
  asked: readonly number[],
  phase: Phase,
  flags: LiveFlags,
  observers: readonly DispatchObserver[],
): Promise<number> {
  const test = (index: number, again: boolean) => {
    const candidate = roster.candidates[index];
    const failed = candidate?.test(phase);
    for (const observer of observers) observer.tested?.(nameOf(roster, index), failed, again);
    return failed === undefined;
  };
  // What a test changes counts for those tested before it too, once they are tested again.
  flags.takeTouched();
  const waiting = new Set(asked.filter((index) => test(index, false)));
  const matched = waiting.size;
  flags.takeCleared();
  for (const index of waiting) {
    waiting.delete(index);
    const name = nameOf(roster, index);
    for (const observer of observers) observer.invoking?.(name);
    try {
      await roster.candidates[index]?.invoke();
    } catch (cause) {
      throw new HandlerError(name, cause);
    }
    for (const observer of observers) observer.invoked?.(name);
    if (!flags.takeCleared()) continue;
    retest(roster, waiting, flags, (suspect) => test(suspect, true));
    flags.takeCleared();
  }
  flags.closeRecord();
  return matched;
}

/**
 * Tests those that wait again, in order, and lets go of those that no longer match; left out are those whose answer
 * cannot have changed. What a test itself changes counts for those after it now, for those before it the next time.
 */
function retest(roster: Roster, waiting: Set<number>, flags: LiveFlags, matches: (index: number) => boolean): void {
  const touched = flags.takeTouched();
  let suspects = roster.affected(waiting, touched);
  for (let suspect = suspects.shift(); suspect !== undefined; suspect = suspects.shift()) {
    const known = flags.touched.size;
    if (!matches(suspect)) waiting.delete(suspect);
    if (flags.touched.size === known) continue;
    const tested = suspect;
    suspects = roster.affected(waiting, new Set([...touched, ...flags.touched])).filter((index) => index > tested);
  }
}

function nameOf(roster: Roster, index: number): string {
  return roster.candidates[index]?.name ?? '';
}
