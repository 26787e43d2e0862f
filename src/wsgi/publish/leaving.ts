/** A unit that is being removed: others are told at once, and the application goes on as it is until the hook stop. */
import { isDying } from '../../juju/goal.ts';
import type { WsgiApi } from '../api.ts';
import { rememberUnchanged } from '../memory/unchanged.ts';
import { observe } from '../relations/databags.ts';
import { NOTHING_SERVED, publishServing } from '../relations/requests.ts';
import { RELATIONS } from '../relations/table.ts';
import { rememberVerdict, type Verdict } from '../status.ts';

const KEY = 'wsgi.leaving';

/** Juju takes a dying unit out of its relations, stops it and removes it; it runs none of these any more. */
const STAYS: ReadonlySet<string> = new Set(['install', 'start', 'config-changed', 'update-status', 'upgrade-charm']);

/** Whether this unit is being removed, alone or with its application. The relation of its database may be the first to go. */
export function isLeaving({ event, juju, data }: WsgiApi): boolean {
  if (event.kind === 'action') return false;
  if (STAYS.has(event.name)) data.unset(KEY);
  else if (!data.get(KEY) && leaves({ event, juju })) data.set(KEY, true);
  return data.get(KEY) === true;
}

function leaves({ event, juju }: Pick<WsgiApi, 'event' | 'juju'>): boolean {
  const { relation } = event;
  if (relation?.departingUnit !== undefined) return relation.departingUnit === juju.unit.unit;
  // A relation without units breaks without a word of who departs.
  return relation?.step === 'broken' && isDying(juju, juju.unit.unit);
}

/** Has proxies look elsewhere. The service keeps its credentials: it answers what proxies still send. */
export function withdraw(api: WsgiApi): Verdict {
  const { juju, data, flags } = api;
  publishServing(juju, observe(juju, RELATIONS), NOTHING_SERVED);
  flags.clear('website.available');
  const verdict: Verdict = {
    status: 'waiting',
    message: 'the unit is being removed; it serves until it is stopped',
  };
  rememberVerdict(juju, data, verdict);
  rememberUnchanged(api, undefined);
  return verdict;
}
