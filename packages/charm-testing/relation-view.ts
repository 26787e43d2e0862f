/** Relations as the hook of one event sees them. */
import type { Databag } from '../../src/juju/index.ts';
import type { RelationView } from '../local-juju/hooktools/index.ts';
import type { CharmMeta } from './charm.ts';
import { applicationOf, type Event, endpointOf } from './event.ts';
import { endpointsOf } from './meta.ts';
import type { Relation, State } from './state.ts';

export function relationViews(state: State, event: Event, meta: CharmMeta): RelationView[] {
  const endpoints = endpointsOf(meta);
  const isPeer = ({ id }: Relation) => endpoints.get(endpointOf(id))?.role === 'peers';
  // The peer relation is there from the hook after install on.
  const seen =
    event.kind === 'hook' && event.name === 'install' ? state.relations.filter((one) => !isPeer(one)) : state.relations;
  return seen.map((relation) => view(state, event, relation, isPeer(relation)));
}

function view(state: State, event: Event, relation: Relation, peer: boolean): RelationView {
  const { id, remoteApp } = relation;
  const endpoint = endpointOf(id);
  const application = applicationOf(state.unit);
  return {
    id,
    endpoint,
    remoteApp,
    peer,
    key: peer ? [`${application}:${endpoint}`] : [`${remoteApp}:${endpoint}`, `${application}:${endpoint}`],
    units: presentUnits(relation, event),
    ...(relation.address === undefined ? {} : { address: relation.address }),
    bag: (entity) => bagOf(state, relation, isBroken(relation, event), entity),
  };
}

/** In departed the unit is no longer listed; in broken none is. */
export function presentUnits(relation: Relation, event: Event): string[] {
  const units = Object.keys(relation.remoteUnits);
  if (event.kind !== 'relation' || event.id !== relation.id) return units;
  if (event.step === 'broken') return [];
  return event.step === 'departed' ? units.filter((unit) => unit !== event.unit) : units;
}

function isBroken(relation: Relation, event: Event): boolean {
  return event.kind === 'relation' && event.id === relation.id && event.step === 'broken';
}

/** In broken the units' data are gone, and the remote application's are not. */
function bagOf(state: State, relation: Relation, broken: boolean, entity: string): Databag | undefined {
  if (entity === state.unit) return relation.localUnitData;
  if (entity === applicationOf(state.unit)) return relation.localAppData;
  if (entity === relation.remoteApp) return relation.remoteAppData;
  return broken ? undefined : relation.remoteUnits[entity];
}
