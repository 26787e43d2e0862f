import type { HookContext } from '../juju/types.ts';
import { candidate, watchedFlags } from './candidates.ts';
import { LiveData } from './data.ts';
import { type DispatchObserver, dispatch } from './dispatch.ts';
import type { External, ExternalOptions } from './external.ts';
import { findExternal } from './external-discovery.ts';
import { LiveFlags } from './flags.ts';
import type { Phase } from './holds.ts';
import type { Position } from './live.ts';
import { type ManagedOptions, manageFlags, settleFlags } from './managed.ts';
import type { Interfaces } from './patterns.ts';
import type { Trace } from './trace.ts';
import type { Data, Flag, Handler, HandlerApi, Store, Trigger } from './types.ts';

/** Flags and data of one hook over a store. */
export interface State {
  readonly flags: LiveFlags;
  readonly data: Data;
}

/** The flags and data that handlers are given, over what a store holds. */
export function openState(store: Store): State {
  return { flags: new LiveFlags(store.flags), data: new LiveData(store.data) };
}

/** What {@link runHandlers} is told about the charm. */
export interface RunOptions {
  /** Registered before the managed flags are made, so that they see these change. */
  readonly triggers?: readonly Trigger[];
  readonly managed?: ManagedOptions;
  /** Endpoints by role and interface, for `{provides:http}-relation-joined` in {@link hook}. */
  readonly interfaces?: Interfaces;
  /** Also runs the programs of the charm that are handlers, after its own handlers in each iteration. */
  readonly external?: ExternalOptions | undefined;
  /** Told of each handler before it runs. */
  readonly invoking?: ((name: string) => void) | undefined;
  /** Is given all that happens; `true` for a report in the log at the end. */
  readonly trace?: Trace | boolean | undefined;
}

/**
 * Runs the handlers of one hook or action: triggers, managed flags, dispatch, and what holds for one hook only put away.
 * The caller commits the store when this ends well; when it throws, nothing of the hook is to be kept.
 *
 * @example
 * ```ts
 * const store = new FileStore('/var/lib/juju/agents/unit-wsgi-0/state/reactive.json');
 * const api = { ...openState(store), juju, event: juju.event };
 * await runHandlers(handlers, api, { managed: { defaults: { port: 80 }, fresh: store.interrupted } });
 * store.commit();
 * ```
 */
export async function runHandlers<Api extends HandlerApi & State>(
  handlers: readonly Handler<Api>[],
  api: Api,
  options: RunOptions = {},
): Promise<void> {
  const { flags, event } = api;
  const { interfaces = {}, managed = {}, triggers = [] } = options;
  const restricted = event.name === 'collect-metrics' || event.name === 'meter-status-changed';
  const position: { phase: Phase; iteration: number } = { phase: 'hooks', iteration: 0 };
  const trace = options.trace === true ? await newTrace() : options.trace || undefined;
  const observers = [
    logging(api.juju, position),
    { invoking: options.invoking },
    ...(trace ? [trace.attach(flags)] : []),
  ];
  const external = await openExternal(options.external, flags, () => ({ ...position, interfaces }));
  try {
    for (const trigger of triggers) flags.registerTrigger(trigger);
    if (!restricted) manageFlags(api, watchedBy(handlers, flags), managed);
    const own = handlers.map((each) => candidate(each, api, interfaces));
    await dispatch([...own, ...(external?.candidates ?? [])], flags, { restricted, observers });
  } finally {
    external?.close();
    if (options.trace === true && trace) api.juju.debug(trace.report());
  }
  flags.triggers.drop();
  if (!restricted) settleFlags(api);
}

/** Loads the trace only where one is asked for. */
async function newTrace(): Promise<Trace> {
  const { Trace } = await import('./trace.ts');
  return new Trace();
}

/** Loads what external handlers need only where there are any. */
async function openExternal(
  options: ExternalOptions | undefined,
  flags: LiveFlags,
  position: () => Position,
): Promise<External | undefined> {
  const paths = options ? findExternal(options.charmDir) : [];
  if (options === undefined || paths.length === 0) return undefined;
  const { serveExternal } = await import('./external.ts');
  return serveExternal(paths, options, flags, position);
}

function watchedBy<Api extends HandlerApi>(handlers: readonly Handler<Api>[], flags: LiveFlags): Flag[] {
  return [...handlers.flatMap((each) => watchedFlags(each.conditions)), ...flags.triggers.watched()];
}

/** What an operator finds in the log; keeps where the dispatch is, for programs that ask. */
function logging(juju: HookContext, position: { phase: Phase; iteration: number }): DispatchObserver {
  return {
    phase: (phase) => {
      position.phase = phase;
    },
    iteration: (iteration) => {
      position.iteration = iteration;
    },
    invoking: (name) => juju.debug(`Invoking reactive handler: ${name}`),
    unsettled: (names) =>
      juju.log('WARNING', `handlers may still match after 100 iterations; left to the next hook: ${names.join(', ')}`),
  };
}
