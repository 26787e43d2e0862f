/** show-unit and show-application as documents. */

import { isPeer, remoteEnd } from '../model/relations.ts';
import type { Application, ModelState, Relation, Unit } from '../model/state.ts';
import { type ApplicationStatus, BASE, openPorts } from './model-status.ts';

export function showUnit(state: ModelState, unit: Unit): object {
  const application = state.applications[unit.application];
  const relations = Object.entries(unit.relations).flatMap(([id, local]) => {
    const relation = state.relations[id];
    return relation === undefined || local.broken ? [] : [relationInfo(unit, relation)];
  });
  return {
    machine: unit.machine,
    'opened-ports': unit.ports.length === 0 ? null : openPorts(unit),
    'public-address': state.machines[unit.machine]?.address ?? '',
    charm: `local:${application?.charm}-${unit.charmRevision ?? application?.charmRevision}`,
    leader: application?.leader === unit.name,
    life: unit.life,
    'relation-info': relations.length === 0 ? undefined : relations,
  };
}

function relationInfo(unit: Unit, relation: Relation): object {
  const own = relation.ends.find((end) => end.application === unit.application);
  const remote = remoteEnd(relation, unit.application);
  const others = Object.keys(unit.relations[String(relation.id)]?.members ?? {}).toSorted();
  const bag = (entity: string) => relation.bags[entity]?.data ?? {};
  const related = others.map((name) => [name, { 'in-scope': relation.units.includes(name), data: bag(name) }]);
  return {
    'relation-id': relation.id,
    endpoint: own?.endpoint,
    'related-endpoint': remote?.endpoint,
    'application-data': bag(isPeer(relation) ? unit.application : (remote?.application ?? '')),
    'local-unit': { 'in-scope': relation.units.includes(unit.name), data: bag(unit.name) },
    'related-units': related.length === 0 ? undefined : Object.fromEntries(related),
  };
}

export function showApplication(application: Application, status: ApplicationStatus | undefined): object {
  return {
    charm: application.charm,
    base: `${BASE.name}@${BASE.channel}`,
    constraints: { arch: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    principal: !application.subordinate,
    exposed: application.exposed,
    remote: false,
    life: application.life,
    'endpoint-bindings': status?.['endpoint-bindings'] ?? {},
  };
}
