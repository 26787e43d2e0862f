/** The next relation hook of a unit: what the unit has been told of, against what is so. Pure. */

import { byName } from '../model/ids.ts';
import { isPeer, remoteEnd, remoteUnits } from '../model/relations.ts';
import type { Hook, ModelState, Relation, Unit, UnitRelation } from '../model/state.ts';

export function nextRelationHook(state: ModelState, unit: Unit): Hook | undefined {
  for (const relation of inOrder(state, unit)) {
    const hook = hookOf(state, unit, relation);
    if (hook !== undefined) return hook;
  }
  return undefined;
}

/** By id, peers last. */
function inOrder(state: ModelState, unit: Unit): Relation[] {
  return Object.keys(unit.relations)
    .flatMap((id) => state.relations[id] ?? [])
    .toSorted((a, b) => Number(isPeer(a)) - Number(isPeer(b)) || a.id - b.id);
}

type RelationHook = Extract<Hook, { kind: 'relation' }>;

function hookOf(state: ModelState, unit: Unit, relation: Relation): RelationHook | undefined {
  const local = unit.relations[String(relation.id)];
  if (local === undefined || local.broken || !local.created) return undefined;
  const remoteApp = remoteEnd(relation, unit.application)?.application ?? unit.application;
  const hook = (step: RelationHook['step'], more: Partial<RelationHook> = {}): RelationHook => ({
    kind: 'relation',
    step,
    relation: relation.id,
    remoteApp,
    ...more,
  });
  const version = (entity: string) => relation.bags[entity]?.version ?? 0;
  if (local.changedPending !== undefined) {
    return hook('changed', { remoteUnit: local.changedPending, version: version(local.changedPending) });
  }
  const leaving = unit.life === 'dying' || relation.life === 'dying';
  const remote = remoteUnits(state, relation, unit);
  const known = Object.keys(local.members).toSorted();
  const departed = known.find((name) => leaving || !remote.includes(name));
  if (departed !== undefined) {
    const departingUnit = unit.life === 'dying' ? unit.name : departed;
    return hook('departed', { remoteUnit: departed, departingUnit });
  }
  if (leaving) return isPeer(relation) ? undefined : hook('broken');
  return (
    applicationChanged(local, relation, remoteApp, hook) ??
    unitJoined(local, remote, hook) ??
    unitChanged(local, remote, version, hook)
  );
}

type Make = (step: RelationHook['step'], more?: Partial<RelationHook>) => RelationHook;

function applicationChanged(
  local: UnitRelation,
  relation: Relation,
  remoteApp: string,
  hook: Make,
): RelationHook | undefined {
  const version = relation.bags[remoteApp]?.version ?? 0;
  return version > (local.applications[remoteApp] ?? 0) ? hook('changed', { version }) : undefined;
}

function unitJoined(local: UnitRelation, remote: readonly string[], hook: Make): RelationHook | undefined {
  const next = remote.toSorted(byName).find((name) => local.members[name] === undefined);
  return next === undefined ? undefined : hook('joined', { remoteUnit: next });
}

function unitChanged(
  local: UnitRelation,
  remote: readonly string[],
  version: (entity: string) => number,
  hook: Make,
): RelationHook | undefined {
  const next = remote.toSorted(byName).find((name) => version(name) > (local.members[name] ?? 0));
  return next === undefined ? undefined : hook('changed', { remoteUnit: next, version: version(next) });
}
