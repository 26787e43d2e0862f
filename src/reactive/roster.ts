import type { Candidate } from './candidates.ts';
import type { Flag } from './types.ts';

/**
 * All candidates in the order they are asked in, and which of them a change concerns, so that the cost of an iteration
 * follows the number of changes rather than the number of handlers.
 */
export class Roster {
  readonly candidates: readonly Candidate[];
  readonly #watchers = new Map<Flag, number[]>();
  readonly #flagless: number[] = [];
  readonly #impure: number[] = [];

  constructor(candidates: readonly Candidate[]) {
    this.candidates = candidates;
    for (const [index, { flags, pure }] of candidates.entries()) {
      if (flags.length === 0) this.#flagless.push(index);
      if (!pure) this.#impure.push(index);
      for (const flag of flags) this.#watch(flag, index);
    }
  }

  /** All of them, in order. */
  all(): number[] {
    return [...this.candidates.keys()];
  }

  /** Those that FlagWatch lets run after these flags changed, in order. */
  concerned(changes: ReadonlySet<Flag>): number[] {
    return inOrder(this.#flagless, this.#watching(changes));
  }

  /** Those of `waiting` whose test may have another answer now that these flags changed, in order. */
  affected(waiting: ReadonlySet<number>, changes: ReadonlySet<Flag>): number[] {
    const suspects = inOrder(this.#impure, this.#watching(changes));
    return suspects.filter((index) => waiting.has(index));
  }

  #watch(flag: Flag, index: number): void {
    const known = this.#watchers.get(flag);
    if (known) known.push(index);
    else this.#watchers.set(flag, [index]);
  }

  #watching(changes: ReadonlySet<Flag>): number[] {
    const found: number[] = [];
    for (const flag of changes) {
      for (const index of this.#watchers.get(flag) ?? []) found.push(index);
    }
    return found;
  }
}

function inOrder(some: readonly number[], others: readonly number[]): number[] {
  if (others.length === 0) return [...some];
  return [...new Set([...some, ...others])].sort((a, b) => a - b);
}
