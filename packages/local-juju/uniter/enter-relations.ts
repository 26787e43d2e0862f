/** A unit becomes a member of the relations that are new to it: from then on the others see it. */

import { addUnit, missingSubordinates } from '../model/applications.ts';
import { remoteEnd } from '../model/relations.ts';
import type { ModelState, Unit } from '../model/state.ts';
import { newRelations } from './next-step.ts';

/** @param address of the unit's machine: the first thing in its databags */
export function enterRelations(state: ModelState, unit: Unit, address: string): void {
  for (const relation of newRelations(state, unit)) {
    const remote = remoteEnd(relation, unit.application)?.application ?? unit.application;
    unit.relations[String(relation.id)] = { created: false, broken: false, members: {}, applications: { [remote]: 0 } };
    relation.units.push(unit.name);
    relation.bags[unit.name] = { data: ownAddresses(state.jujuVersion, address), version: 1 };
  }
  for (const application of missingSubordinates(state, unit)) addUnit(state, application, unit.machine, unit.name);
}

function ownAddresses(jujuVersion: string, address: string): Record<string, string> {
  const old = Number.parseInt(jujuVersion, 10) < 4;
  return {
    'egress-subnets': `${address}/32`,
    'ingress-address': address,
    ...(old ? { 'private-address': address } : {}),
  };
}
