import type { Config, Databag, HookContext, HookEvent, LogLevel, RelationId, UnitName } from '../juju/types.ts';
import { openState, type RunOptions, runHandlers, type State } from './hook-run.ts';
import { MemoryStore } from './store.ts';
import type { Handler, HandlerApi, Store } from './types.ts';

/** What Juju would answer the engine; it asks for nothing else. */
export interface World {
  readonly event?: Partial<HookEvent>;
  readonly config?: Config;
  readonly leader?: boolean;
  /** Databags of remote units by relation id and unit. */
  readonly relations?: Readonly<Record<RelationId, Readonly<Record<UnitName, Databag>>>>;
  /** Is given what is logged. */
  readonly log?: (level: LogLevel, message: string) => void;
}

/** A hook context over a fixed world, which counts the hook tools that it stands for. */
export interface FixedContext extends HookContext {
  readonly asked: readonly string[];
  readonly logged: readonly string[];
  readonly printed: readonly string[];
}

export function fixedContext(world: World): FixedContext {
  const asked: string[] = [];
  const logged: string[] = [];
  const printed: string[] = [];
  const relations = world.relations ?? {};
  const answers: Partial<FixedContext> = {
    asked,
    logged,
    printed,
    event: { name: 'update-status', kind: 'hook', ...world.event },
    config: () => {
      asked.push('config-get');
      return world.config ?? {};
    },
    isLeader: () => {
      asked.push('is-leader');
      return world.leader ?? false;
    },
    relationIds: (endpoint) => {
      asked.push(`relation-ids ${endpoint}`);
      return Object.keys(relations).filter((id) => id.startsWith(`${endpoint}:`));
    },
    relationUnits: (id) => {
      asked.push(`relation-list ${id}`);
      return Object.keys(relations[id] ?? {});
    },
    relationGet: (id, entity) => {
      asked.push(`relation-get ${id} ${entity}`);
      return relations[id]?.[entity] ?? {};
    },
    log: (level, message) => {
      logged.push(`${level} ${message}`);
      world.log?.(level, message);
    },
    debug: (message) => {
      printed.push(message);
    },
  };
  return new Proxy(answers, {
    get: (target, name) => {
      const answer: unknown = Reflect.get(target, name);
      if (answer === undefined) throw new Error(`the engine asked Juju for ${String(name)}`);
      return answer;
    },
  }) as FixedContext;
}

/** Runs one hook on a store, as a charm's main does, and commits it unless it throws. */
export async function runHook(
  handlers: readonly Handler<HandlerApi & State>[],
  options: RunOptions & { readonly store?: Store; readonly world?: World } = {},
): Promise<{ readonly store: Store; readonly flags: string[]; readonly context: FixedContext }> {
  const store = options.store ?? new MemoryStore();
  const context = fixedContext(options.world ?? {});
  const api = { ...openState(store), juju: context, event: context.event };
  await runHandlers(handlers, api, options);
  store.commit();
  return { store, flags: api.flags.all(), context };
}
