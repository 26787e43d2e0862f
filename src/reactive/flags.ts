import { ReactiveError } from './errors.ts';
import { Triggers } from './triggers.ts';
import type { Flag, Flags, Json, Trigger } from './types.ts';

/** Triggers that set each other off end here, with their names, instead of with the stack. */
const deepest = 500;

/** What FlagWatch knows: which flags changed in the iteration before, and which since. */
export interface Watch {
  readonly changes: readonly Flag[];
  readonly pending: readonly Flag[];
}

/**
 * The flags of one hook over the map of a store, with triggers and the record of changes that decides which handlers
 * may run again.
 *
 * A change is a flag that was really set or really cleared. The record of an iteration is closed by {@link closeRecord};
 * until then what changed counts for the next iteration only.
 */
export class LiveFlags implements Flags {
  readonly triggers = new Triggers();
  /** Called after each real change, for a trace. */
  onChange: ((flag: Flag, set: boolean) => void) | undefined;
  readonly #values: Map<Flag, Json>;
  #changes = new Set<Flag>();
  #pending = new Set<Flag>();
  #touched = new Set<Flag>();
  #cleared = false;
  #sorted: Flag[] | undefined;
  #depth = 0;

  constructor(values: Map<Flag, Json>) {
    this.#values = values;
  }

  /** Sets a flag, whose value becomes `value` (null when none is given) even where it was set before. */
  set(flag: Flag, value: Json = null): boolean {
    const isNew = !this.#values.has(flag);
    this.#values.set(flag, value);
    if (isNew) this.#changed(flag, 'set');
    return isNew;
  }

  clear(flag: Flag): boolean {
    const wasSet = this.#values.delete(flag);
    this.#cleared = true;
    if (wasSet) this.#changed(flag, 'clear');
    return wasSet;
  }

  toggle(flag: Flag, should: boolean): boolean {
    return should ? this.set(flag) : this.clear(flag);
  }

  isSet(flag: Flag): boolean {
    return this.#values.has(flag);
  }

  anySet(...flags: Flag[]): boolean {
    return flags.some((flag) => this.#values.has(flag));
  }

  allSet(...flags: Flag[]): boolean {
    return flags.every((flag) => this.#values.has(flag));
  }

  value(flag: Flag): Json | undefined {
    return this.#values.get(flag);
  }

  all(): Flag[] {
    this.#sorted ??= [...this.#values.keys()].sort();
    return [...this.#sorted];
  }

  registerTrigger(trigger: Trigger): void {
    this.triggers.register(trigger);
  }

  /** Forgets all changes, as at the beginning and the end of a dispatch. */
  resetRecord(): void {
    this.#changes = new Set();
    this.#pending = new Set();
    this.#touched = new Set();
    this.#cleared = false;
  }

  /** Ends an iteration: what changed in it is what the next one looks at. */
  closeRecord(): void {
    this.#changes = this.#pending;
    this.#pending = new Set();
  }

  /** The flags that changed in the iteration before. */
  get changes(): ReadonlySet<Flag> {
    return this.#changes;
  }

  /** Whether anything was cleared, or was to be, since this was asked last. */
  takeCleared(): boolean {
    const cleared = this.#cleared;
    this.#cleared = false;
    return cleared;
  }

  /** The flags that changed since they were taken last. */
  get touched(): ReadonlySet<Flag> {
    return this.#touched;
  }

  /** The same, and begins anew. */
  takeTouched(): ReadonlySet<Flag> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** The record as another process must know it. */
  get watch(): Watch {
    return { changes: [...this.#changes], pending: [...this.#pending] };
  }

  /** Takes over what another process changed in the map below; `pending` is its record, `cleared` whether it cleared any. */
  adopt(pending: readonly Flag[], cleared: boolean): void {
    for (const flag of pending) {
      this.#touched.add(flag);
      this.#pending.add(flag);
    }
    this.#cleared ||= cleared;
    this.#sorted = undefined;
  }

  #changed(flag: Flag, edge: 'set' | 'clear'): void {
    this.#sorted = undefined;
    this.#pending.add(flag);
    this.#touched.add(flag);
    this.onChange?.(flag, edge === 'set');
    const consequences = this.triggers.of(edge, flag);
    if (consequences === undefined) return;
    if (this.#depth >= deepest) throw new ReactiveError(`triggers set each other off without end, at flag ${flag}`);
    this.#depth++;
    try {
      for (const other of [...consequences.set]) this.set(other);
      for (const other of [...consequences.clear]) this.clear(other);
      for (const callback of consequences.callbacks) callback();
    } finally {
      this.#depth--;
    }
  }
}
