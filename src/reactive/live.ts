import type { LiveFlags } from './flags.ts';
import type { Phase } from './holds.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Interfaces } from './patterns.ts';
import type { Flag, Json, Store, Trigger } from './types.ts';

/**
 * What another process must know of a dispatch to test conditions and change flags in the midst of it. It is in the
 * store only while such a process runs.
 */
export interface Live {
  readonly phase: Phase;
  readonly iteration: number;
  /** What FlagWatch lets handlers run again for. */
  readonly changes: readonly Flag[];
  /** What changed since. */
  readonly pending: readonly Flag[];
  /** A flag was cleared, or was to be. */
  readonly cleared: boolean;
  readonly triggers: readonly Trigger[];
  readonly interfaces: Interfaces;
}

const key = 'reactive.live';

/** Where the dispatch is, besides what its flags know. */
export type Position = Pick<Live, 'phase' | 'iteration' | 'interfaces'>;

/** Writes flags and record to the store's file for another process, runs it, and takes over what it changed. */
export function lend<Result>(store: Store, flags: LiveFlags, position: Position, run: () => Result): Result {
  writeLive(store, { ...position, ...flags.watch, cleared: false, triggers: flags.triggers.list() });
  store.flush();
  try {
    return run();
  } finally {
    store.reload();
    const changed = readLive(store);
    store.data.delete(key);
    flags.adopt(changed?.pending ?? [], changed?.cleared ?? false);
    for (const trigger of changed?.triggers ?? []) flags.triggers.register(trigger);
  }
}

export function writeLive(store: Store, live: Live): void {
  const { phase, iteration, changes, pending, cleared, interfaces } = live;
  const triggers = live.triggers.map(({ callback: _, ...rest }): JsonObject => rest);
  store.data.set(key, { phase, iteration, changes, pending, cleared, interfaces, triggers });
}

/** Undefined when no dispatch has lent the store. */
export function readLive(store: Store): Live | undefined {
  const value = store.data.get(key);
  if (!isObject(value)) return undefined;
  const { phase, iteration, changes, pending, cleared, interfaces, triggers } = value;
  return {
    phase: phase === 'restricted' || phase === 'hooks' ? phase : 'other',
    iteration: typeof iteration === 'number' ? iteration : 0,
    changes: strings(changes),
    pending: strings(pending),
    cleared: cleared === true,
    interfaces: isObject(interfaces)
      ? Object.fromEntries(Object.entries(interfaces).map(([name, endpoints]) => [name, strings(endpoints)]))
      : {},
    triggers: Array.isArray(triggers) ? triggers.filter(isObject).map(readTrigger) : [],
  };
}

function readTrigger(value: JsonObject): Trigger {
  const names = ['when', 'whenNot', 'setFlag', 'clearFlag'] as const;
  return Object.fromEntries(names.flatMap((name) => (typeof value[name] === 'string' ? [[name, value[name]]] : [])));
}

function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
