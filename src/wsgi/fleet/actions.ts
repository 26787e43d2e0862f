/** `promote-release` and `halt-release`: what an operator tells the leader of a release. */
import type { WsgiApi } from '../api.ts';
import { readFleet, writeState } from './peer.ts';
import { halt, promote } from './turns.ts';

/** Actions whose result is what was told to the fleet, whatever the unit's own status is. */
export const FLEET_ACTIONS: ReadonlySet<string> = new Set(['promote-release', 'halt-release']);

/** Lets the release that the options ask for go on. Returns whether the unit looks again. */
export function promoteRelease(api: WsgiApi): boolean {
  return tellFleet(api, promote, 'the release goes on');
}

/** Stops the release that the options ask for. Returns whether the unit looks again. */
export function haltRelease(api: WsgiApi): boolean {
  const { unit } = api.juju.unit;
  return tellFleet(
    api,
    (state, target) => halt(state, target, unit),
    'the release is halted; promote-release lets it go on',
  );
}

function tellFleet(api: WsgiApi, change: typeof promote, result: string): boolean {
  const { juju } = api;
  const { application } = juju.unit;
  const fleet = readFleet(juju);
  if (!juju.isLeader())
    return fail(api, `only the leader does this: juju run ${application}/leader ${juju.event.name}`);
  if (fleet === undefined) return fail(api, 'this charm was deployed without the relation fleet; refresh it');
  const { target } = fleet.state;
  if (target === undefined) return fail(api, 'no release is under way; rollout says how releases go');
  writeState(juju, fleet, { ...fleet.state, ...change(fleet.state, target) });
  juju.actionResult({ result });
  return true;
}

function fail({ juju }: WsgiApi, message: string): false {
  juju.actionFail(message);
  return false;
}
