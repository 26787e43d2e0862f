import { ReactiveError } from './errors.ts';
import type { Flag, Trigger } from './types.ts';

/** What happens when one flag is really set, or really cleared. */
export interface Consequences {
  readonly set: Flag[];
  readonly clear: Flag[];
  readonly callbacks: (() => void)[];
}

type Edge = 'set' | 'clear';

/** The triggers of one hook; each hook registers its own anew. */
export class Triggers {
  readonly #on: Record<Edge, Map<Flag, Consequences>> = { set: new Map(), clear: new Map() };

  /** @throws ReactiveError when not exactly one of `when` and `whenNot` is given, or nothing is to happen. */
  register(trigger: Trigger): void {
    const { when, whenNot, setFlag, clearFlag, callback } = trigger;
    if ((when === undefined) === (whenNot === undefined)) {
      throw new ReactiveError('a trigger needs one of when and whenNot, and not both');
    }
    if (setFlag === undefined && clearFlag === undefined && callback === undefined) {
      throw new ReactiveError('a trigger needs at least one of setFlag, clearFlag and callback');
    }
    const consequences = when === undefined ? this.#at('clear', whenNot ?? '') : this.#at('set', when);
    add(consequences.set, setFlag);
    add(consequences.clear, clearFlag);
    add(consequences.callbacks, callback);
  }

  of(edge: Edge, flag: Flag): Consequences | undefined {
    return this.#on[edge].get(flag);
  }

  /** Every flag that a trigger looks at. */
  watched(): Flag[] {
    return [...this.#on.set.keys(), ...this.#on.clear.keys()];
  }

  /** All consequences that are flags, as triggers, for another process to know them. */
  list(): Trigger[] {
    return (['set', 'clear'] as const).flatMap((edge) =>
      [...this.#on[edge]].flatMap(([flag, consequences]) => {
        const cause = edge === 'set' ? { when: flag } : { whenNot: flag };
        return [
          ...consequences.set.map((setFlag) => ({ ...cause, setFlag })),
          ...consequences.clear.map((clearFlag) => ({ ...cause, clearFlag })),
        ];
      }),
    );
  }

  /** At the end of a hook: no more flags change by triggers, while callbacks, as in charms.reactive, still hear of changes. */
  drop(): void {
    for (const consequences of [...this.#on.set.values(), ...this.#on.clear.values()]) {
      consequences.set.length = 0;
      consequences.clear.length = 0;
    }
  }

  #at(edge: Edge, flag: Flag): Consequences {
    const known = this.#on[edge].get(flag);
    if (known) return known;
    const fresh: Consequences = { set: [], clear: [], callbacks: [] };
    this.#on[edge].set(flag, fresh);
    return fresh;
  }
}

function add<T>(list: T[], item: T | undefined): void {
  if (item !== undefined && !list.includes(item)) list.push(item);
}
