/** Relations: which endpoints fit, ids that count up, who is in scope, databags with versions. */

import type { Charm, Endpoint } from './charm.ts';
import { timestamp } from './clock.ts';
import { LocalError } from './local-error.ts';
import type { Application, ModelState, Relation, RelationEnd, Unit } from './state.ts';

export interface ApplicationCharm {
  readonly application: Application;
  readonly charm: Charm;
}

export type Lookup = (application: string) => ApplicationCharm | undefined;

/** @throws LocalError in Juju's words when they do not fit, or are related already */
export function integrate(state: ModelState, lookup: Lookup, first: string, second: string): Relation {
  const quoted = `${JSON.stringify(first)} and ${JSON.stringify(second)}`;
  const fail = (why: string): never => {
    throw new LocalError(`adding relation between endpoints ${quoted}: ${why}`);
  };
  const pairs = fittingPairs(lookup, first, second, (why) => fail(`cannot relate endpoints ${quoted}: ${why}`));
  const [pair, ...others] = pairs;
  if (pair === undefined)
    return fail(`cannot relate endpoints ${quoted}: no compatible endpoints found between applications`);
  if (others.length > 0) {
    const options = pairs.map((ends) => JSON.stringify(ends.map(showEnd).join(' ')));
    fail(`cannot relate endpoints ${quoted}: ambiguous relation: could refer to ${options.join('; ')}`);
  }
  const ends = pair.toSorted((a, b) => (a.role === b.role ? 0 : a.role === 'requirer' ? -1 : 1));
  const key = ends.map(showEnd).toSorted();
  if (Object.values(state.relations).some((relation) => relation.ends.map(showEnd).toSorted().join() === key.join())) {
    const named = `${JSON.stringify(first)}, ${JSON.stringify(second)}`;
    fail(`cannot add relation ${named}: relation ${key.join(' ')}: already exists`);
  }
  checkLimits(state, lookup, ends, fail);
  return addRelation(state, lookup, ends);
}

type Candidate = RelationEnd & { readonly interface: string };

function fittingPairs(
  lookup: Lookup,
  first: string,
  second: string,
  fail: (why: string) => never,
): [Candidate, Candidate][] {
  const [ours, theirs] = [candidates(lookup, first, fail), candidates(lookup, second, fail)];
  const pairs = ours.flatMap((a) => theirs.filter((b) => compatible(a, b)).map((b): [Candidate, Candidate] => [a, b]));
  // The implicit endpoint counts only where nothing else fits, or where it is named.
  const explicit = pairs.filter((pair) => !pair.some(({ endpoint }) => endpoint === 'juju-info'));
  return explicit.length > 0 ? explicit : pairs;
}

function compatible(a: Candidate, b: Candidate): boolean {
  const roles = [a.role, b.role].toSorted().join();
  return roles === 'provider,requirer' && a.interface === b.interface && a.application !== b.application;
}

function candidates(lookup: Lookup, spec: string, fail: (why: string) => never): Candidate[] {
  const [application = '', endpoint] = spec.split(':');
  const found = lookup(application);
  if (found === undefined) throw new LocalError(`application ${JSON.stringify(application)} not found`);
  const named = Object.values(found.charm.endpoints).filter(({ name }) => endpoint === undefined || name === endpoint);
  if (named.length === 0) fail(`no candidates for ${spec}: relation endpoint not found`);
  return named.map((end) => ({ application, endpoint: end.name, role: end.role, interface: end.interface }));
}

function checkLimits(
  state: ModelState,
  lookup: Lookup,
  ends: readonly RelationEnd[],
  fail: (why: string) => never,
): void {
  for (const end of ends) {
    const { limit } = endpointOf(lookup, end);
    const has = Object.values(state.relations).filter((relation) =>
      relation.ends.some((one) => showEnd(one) === showEnd(end)),
    );
    if (limit !== undefined && limit > 0 && has.length >= limit) {
      const key = ends.map(showEnd).toSorted().join(' ');
      fail(
        `establishing a new relation for ${showEnd(end)} would exceed its maximum relation limit of ${limit} (${key})`,
      );
    }
  }
}

function endpointOf(lookup: Lookup, end: RelationEnd): Endpoint {
  const endpoint = lookup(end.application)?.charm.endpoints[end.endpoint];
  if (endpoint === undefined) throw new Error(`${showEnd(end)} is not an endpoint of its charm`);
  return endpoint;
}

export function addRelation(state: ModelState, lookup: Lookup, ends: readonly RelationEnd[]): Relation {
  const endpoints = ends.map((end) => endpointOf(lookup, end));
  const id = state.counters.relation;
  state.counters.relation += 1;
  const relation: Relation = {
    id,
    interface: endpoints[0]?.interface ?? '',
    scope: endpoints.some(({ scope }) => scope === 'container') ? 'container' : 'global',
    ends: ends.map(({ application, endpoint, role }) => ({ application, endpoint, role })),
    life: 'alive',
    since: timestamp(state),
    units: [],
    bags: Object.fromEntries(ends.map(({ application }) => [application, { data: {}, version: 0 }])),
  };
  state.relations[String(id)] = relation;
  return relation;
}

/** `ann:serve` */
export function showEnd(end: RelationEnd): string {
  return `${end.application}:${end.endpoint}`;
}

export function isPeer(relation: Relation): boolean {
  return relation.ends.length === 1;
}

export function endOf(relation: Relation, application: string): RelationEnd | undefined {
  return relation.ends.find((end) => end.application === application);
}

export function remoteEnd(relation: Relation, application: string): RelationEnd | undefined {
  return isPeer(relation) ? relation.ends[0] : relation.ends.find((end) => end.application !== application);
}

/** Relations of an application, in the order of their ids. */
export function relationsOf(state: ModelState, application: string): Relation[] {
  return Object.values(state.relations)
    .filter((relation) => endOf(relation, application) !== undefined)
    .toSorted((a, b) => a.id - b.id);
}

/** Remote units that a unit has before it: in container scope those of its own machine's principal only. */
export function remoteUnits(state: ModelState, relation: Relation, unit: Unit): string[] {
  const wide = relation.scope === 'global' || state.quirks || isPeer(relation);
  return relation.units.filter((name) => {
    const other = state.units[name];
    if (name === unit.name || (!isPeer(relation) && other?.application === unit.application)) return false;
    return wide || other === undefined || (other.principal ?? other.name) === (unit.principal ?? unit.name);
  });
}

/** Finds the relation that `remove-relation` names. @throws LocalError */
export function findRelation(state: ModelState, first: string, second: string): Relation {
  const found = Object.values(state.relations).filter((relation) => {
    if (isPeer(relation)) return false;
    const [a, b] = relation.ends;
    if (a === undefined || b === undefined) return false;
    return (names(first, a) && names(second, b)) || (names(first, b) && names(second, a));
  });
  const [relation, ...others] = found;
  if (relation === undefined) throw new LocalError(`relation ${first} ${second} not found`);
  if (others.length > 0)
    throw new LocalError(`ambiguous relation: ${first} ${second} could refer to several relations`);
  return relation;
}

function names(spec: string, end: RelationEnd): boolean {
  const [application, endpoint] = spec.split(':');
  return application === end.application && (endpoint === undefined || endpoint === end.endpoint);
}

/** Lays changes over a databag; only a real difference makes a new version. @returns whether it differs */
export function writeBag(relation: Relation, entity: string, data: Readonly<Record<string, string>>): boolean {
  const bag = relation.bags[entity];
  const same = bag !== undefined && JSON.stringify(sorted(bag.data)) === JSON.stringify(sorted(data));
  if (same) return false;
  relation.bags[entity] = { data: sorted(data), version: (bag?.version ?? 0) + 1 };
  return true;
}

function sorted(data: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(data).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
