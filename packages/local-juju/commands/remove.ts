/** remove-unit, remove-application, remove-relation, resolved. */

import { dismissApplication, dismissUnit, emptyMachines, needUnit, sweep } from '../model/applications.ts';
import { byName } from '../model/ids.ts';
import { LocalError } from '../model/local-error.ts';
import { findRelation, isPeer, relationsOf } from '../model/relations.ts';
import type { Application, Unit } from '../model/state.ts';
import { unitsOf } from '../model/status.ts';
import type { Session } from '../uniter/session.ts';

/** @throws LocalError for a subordinate, be it there or not: its principal decides */
export function removeUnit({ state }: Session, name: string): void {
  const [application = ''] = name.split('/');
  if (state.applications[application]?.subordinate === true) {
    const remedy = `to remove use remove-relation. Note: this will remove all units of ${JSON.stringify(application)}`;
    throw new LocalError(`removing unit ${name} failed: unit ${JSON.stringify(name)} is a subordinate, ${remedy}`);
  }
  dismissUnit(state, needUnit(state, name));
}

export function removeApplication(session: Session, application: Application): string[] {
  const units = unitsOf(session.state, application.name).map(({ name }) => name);
  dismissApplication(session.state, application);
  dismissLooseSubordinates(session);
  sweep(session.state);
  return units.toSorted(byName);
}

/** `ann:serve bob:use` */
export function removeRelation(session: Session, first: string, second: string): void {
  findRelation(session.state, first, second).life = 'dying';
  dismissLooseSubordinates(session);
  sweep(session.state);
}

/** A subordinate's units go when the last relation that put them there goes. */
function dismissLooseSubordinates(session: Session): void {
  const { state } = session;
  for (const unit of Object.values(state.units)) {
    const principal = unit.principal === undefined ? undefined : state.units[unit.principal];
    if (principal === undefined) continue;
    const held = relationsOf(state, unit.application).some(
      (relation) =>
        relation.scope === 'container' &&
        relation.life === 'alive' &&
        !isPeer(relation) &&
        relation.ends.some(({ application }) => application === principal.application),
    );
    if (!held) unit.life = 'dying';
  }
}

/** Machines that held units and hold none any more are ended. */
export async function removeEmptyMachines(session: Session): Promise<void> {
  for (const id of emptyMachines(session.state)) {
    await (await session.machineAsIs(id)).destroy();
    delete session.state.machines[id];
  }
}

/** @throws LocalError on a unit that is not in error */
export function resolved(unit: Unit, retry: boolean): void {
  if (unit.failed === undefined) {
    throw new LocalError(
      `resolving unit: checking unit ${JSON.stringify(unit.uuid)} status: unit is not in error state`,
    );
  }
  unit.resolved = retry ? 'retry' : 'no-retry';
}
