import { digest } from './digest.ts';
import type { Flag, Flags, HandlerApi } from './types.ts';

/** All of leader-get, or undefined where Juju has no such tool (from 4.0 on). */
export type LeaderSettings = () => Readonly<Record<string, string>> | undefined;

/** Fingerprints of the settings that the last committed hook saw follow this, by key. */
const memory = 'reactive.leadership.';
const missing = 'reactive.leader-get.missing';

/**
 * `leadership.is_leader`, and `leadership.set.KEY`, `leadership.changed` and `leadership.changed.KEY`: each only where
 * something looks at such a flag, because each costs a hook tool.
 */
export function manageLeadership(
  api: HandlerApi,
  watched: readonly Flag[],
  settings: LeaderSettings | undefined,
): void {
  const looked = watched.filter((flag) => flag.startsWith('leadership.'));
  if (looked.includes('leadership.is_leader')) api.flags.toggle('leadership.is_leader', api.juju.isLeader());
  if (looked.every((flag) => flag === 'leadership.is_leader')) return;
  const current = settings?.();
  if (current) manageSettings(api, current);
  else sayOnce(api);
}

/** Changes hold for one hook. */
export function settleLeadership(flags: Flags): void {
  for (const flag of flags.all()) {
    if (flag === 'leadership.changed' || flag.startsWith('leadership.changed.')) flags.clear(flag);
  }
}

function manageSettings({ flags, data }: HandlerApi, current: Readonly<Record<string, string>>): void {
  const known = data.keys(memory).map((key) => key.slice(memory.length));
  for (const key of new Set([...known, ...Object.keys(current)])) {
    const value = current[key];
    const now = value === undefined ? undefined : digest(value);
    if (data.get(memory + key) !== now) {
      flags.set('leadership.changed');
      flags.set(`leadership.changed.${key}`);
    }
    flags.toggle(`leadership.set.${key}`, now !== undefined);
    if (now === undefined) data.unset(memory + key);
    else data.set(memory + key, now);
  }
}

function sayOnce({ data, juju }: HandlerApi): void {
  if (data.get(missing) === true) return;
  data.set(missing, true);
  juju.log(
    'WARNING',
    'this Juju has no leader settings: flags leadership.set.* and leadership.changed.* are never set',
  );
}
