import { type Candidate, candidate, watchedFlags } from './candidates.ts';
import { LiveData } from './data.ts';
import { type DispatchObserver, dispatch } from './dispatch.ts';
import { LiveFlags } from './flags.ts';
import { type ManagedOptions, manageFlags, settleFlags } from './managed.ts';
import type { EndpointsOf } from './patterns.ts';
import type { Data, Handler, HandlerApi, Store, Trigger } from './types.ts';

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
  /** Endpoints of a role and interface, for `{provides:http}-relation-joined` in {@link hook}. */
  readonly endpointsOf?: EndpointsOf;
  readonly observer?: DispatchObserver;
}

/**
 * Runs the handlers of one hook or action: triggers, managed flags, dispatch, and what holds for one hook only put away.
 * The caller commits the store when this ends well; when it throws, nothing of the hook is to be kept.
 *
 * @example
 * ```ts
 * const store = new FileStore('/var/lib/juju/agents/unit-wsgi-0/state/reactive.json');
 * const api = { ...openState(store), juju, event: juju.event };
 * await runHandlers(handlers, api, { managed: { defaults, fresh: store.interrupted } });
 * store.commit();
 * ```
 */
export async function runHandlers<Api extends HandlerApi & State>(
  handlers: readonly Handler<Api>[],
  api: Api,
  options: RunOptions = {},
): Promise<void> {
  const { flags, event, juju } = api;
  const restricted = event.name === 'collect-metrics' || event.name === 'meter-status-changed';
  const candidates: Candidate[] = handlers.map((each) => candidate(each, api, options.endpointsOf));
  for (const trigger of options.triggers ?? []) flags.registerTrigger(trigger);
  if (!restricted) {
    const watched = [...handlers.flatMap((each) => watchedFlags(each.conditions)), ...flags.triggers.watched()];
    manageFlags(api, watched, options.managed ?? {});
  }
  const observer: DispatchObserver = {
    ...options.observer,
    invoking: (name) => {
      juju.debug(`Invoking reactive handler: ${name}`);
      options.observer?.invoking?.(name);
    },
    unsettled: (names) => {
      juju.log('WARNING', `handlers still match after 100 iterations; left until the next hook: ${names.join(', ')}`);
      options.observer?.unsettled?.(names);
    },
  };
  await dispatch(candidates, flags, { restricted, observer });
  flags.triggers.drop();
  if (!restricted) settleFlags(api);
}
