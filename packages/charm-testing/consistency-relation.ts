import type { CharmMeta } from './charm.ts';
import { applicationOf, endpointOf } from './event.ts';
import { endpointsOf, listed } from './meta.ts';
import type { Relation, State } from './state.ts';

const RELATION_ID = /^[a-z][a-z0-9_-]*:\d+$/;
const UNIT = /^[a-z][a-z0-9-]*\/\d+$/;

/** Relations are of declared endpoints, have ids of their own, and units of the application at the other side. */
export function relationMistakes(meta: CharmMeta, state: State): string[] {
  const numbers = state.relations.map(({ id }) => id.replace(/^.*:/, ''));
  return state.relations.flatMap((relation, index) => {
    const taken = numbers.indexOf(numbers[index] ?? '') !== index;
    return [
      ...(taken ? [`relation ${relation.id}: another relation has that number; numbers are unique in a model`] : []),
      ...endpointMistakes(meta, state, relation),
      ...unitMistakes(state, relation),
      ...databagMistakes(relation),
    ];
  });
}

function endpointMistakes(meta: CharmMeta, state: State, { id, remoteApp, remoteAppData }: Relation): string[] {
  if (!RELATION_ID.test(id)) return [`relation ${id}: an id is an endpoint and a number, such as website:1`];
  const endpoints = endpointsOf(meta);
  const endpoint = endpoints.get(endpointOf(id));
  const application = applicationOf(state.unit);
  if (endpoint === undefined) {
    return [`relation ${id}: metadata.yaml has no endpoint ${endpointOf(id)}; it has ${listed(endpoints.keys())}`];
  }
  if (endpoint.role !== 'peers') return [];
  if (remoteApp !== application) {
    return [`relation ${id}: ${endpointOf(id)} is a peer relation, so remoteApp is ${application}`];
  }
  if (Object.keys(remoteAppData).length > 0) {
    return [`relation ${id}: a peer relation has one application databag; write localAppData, not remoteAppData`];
  }
  return [];
}

function unitMistakes(state: State, { id, remoteApp, remoteUnits }: Relation): string[] {
  return Object.keys(remoteUnits).flatMap((unit) => {
    if (unit === state.unit) return [`relation ${id}: ${unit} is this unit; its databag is localUnitData`];
    if (UNIT.test(unit) && applicationOf(unit) === remoteApp) return [];
    return [`relation ${id}: ${unit} is no unit of ${remoteApp}; its units are ${remoteApp}/0 and so on`];
  });
}

function databagMistakes(relation: Relation): string[] {
  const { id, remoteUnits, remoteAppData, localUnitData, localAppData } = relation;
  const bags = { ...remoteUnits, remoteAppData, localUnitData, localAppData };
  return Object.entries(bags).flatMap(([name, bag]) =>
    Object.entries(bag).flatMap(([key, value]) => {
      if (typeof value === 'string' && value !== '') return [];
      const shown = `relation ${id}: ${name}: ${key}`;
      if (value === '') return [`${shown} is empty; Juju has no empty values, so leave the key out`];
      return [`${shown} is ${JSON.stringify(value)}; all values of a databag are strings`];
    }),
  );
}
