import type { ConfigValue } from '../juju/types.ts';
import { manageConfig, settleConfig } from './managed-config.ts';
import { manageEndpoint, watchedEndpoints } from './managed-endpoint.ts';
import { type LeaderSettings, manageLeadership, settleLeadership } from './managed-leadership.ts';
import type { Flag, HandlerApi } from './types.ts';

/** What the managed flags are made from besides the hook context. */
export interface ManagedOptions {
  /** Every option of config.yaml with its default; no `config.*` flags without it. */
  readonly defaults?: Readonly<Record<string, ConfigValue | undefined>> | undefined;
  /** Flags looked at elsewhere than in conditions and triggers, such as `endpoint.db.joined` in the body of a handler. */
  readonly alsoWatched?: readonly Flag[] | undefined;
  /** Reads leader-get; gives undefined where Juju has none. */
  readonly leaderSettings?: LeaderSettings | undefined;
  /** Ask Juju for all relations again instead of trusting what is remembered: after a hook that did not commit. */
  readonly fresh?: boolean | undefined;
}

/**
 * Sets and clears the flags that the engine owns, before dispatch. Costs one config-get in a hook where nothing changed,
 * and one is-leader where a handler looks at `leadership.*`.
 *
 * Relations are followed by their own events; all of them are read only when nothing is remembered, and at start and
 * upgrade-charm. The order is the original's: layer:basic, charms.reactive, layer:leadership.
 */
export function manageFlags(api: HandlerApi, watched: readonly Flag[], options: ManagedOptions): void {
  const looked = [...watched, ...(options.alsoWatched ?? [])];
  if (options.defaults) manageConfig(api, options.defaults);
  manageSeriesUpgrade(api);
  const fresh = options.fresh === true || api.event.name === 'start' || api.event.name === 'upgrade-charm';
  for (const endpoint of watchedEndpoints(looked)) manageEndpoint(api, endpoint, fresh);
  manageLeadership(api, looked, options.leaderSettings);
}

/** Clears what holds for one hook only, at its end. */
export function settleFlags(api: HandlerApi): void {
  settleConfig(api.flags);
  settleLeadership(api.flags);
}

function manageSeriesUpgrade({ event, flags }: HandlerApi): void {
  if (event.name === 'pre-series-upgrade') flags.set('upgrade.series.in-progress');
  if (event.name === 'post-series-upgrade') flags.clear('upgrade.series.in-progress');
}
