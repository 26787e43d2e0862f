/** Applications and units come and go. What runs then is the uniter's. */

import type { Charm } from './charm.ts';
import { timestamp } from './clock.ts';
import { byName, nextUuid } from './ids.ts';
import { LocalError } from './local-error.ts';
import { addRelation, endOf, isPeer, type Lookup, relationsOf } from './relations.ts';
import type { Application, MachineRecord, ModelState, Unit } from './state.ts';
import { unitsOf } from './status.ts';

export function needApplication(state: ModelState, name: string): Application {
  const application = state.applications[name];
  if (application === undefined) throw new LocalError(`application ${JSON.stringify(name)} not found`);
  return application;
}

/** `wsgi/0`, `wsgi/leader`. @throws LocalError */
export function needUnit(state: ModelState, name: string): Unit {
  const [application = '', number] = name.split('/');
  const leader = number === 'leader' ? needApplication(state, application).leader : undefined;
  const unit = state.units[leader ?? name];
  if (unit === undefined) throw new LocalError(`unit ${JSON.stringify(name)} not found`);
  return unit;
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

/** @throws LocalError when the name is taken or none */
export function addApplication(
  state: ModelState,
  lookup: Lookup,
  name: string,
  { charm, revision, source }: { readonly charm: Charm; readonly revision: number; readonly source: string },
): Application {
  if (!NAME.test(name)) throw new LocalError(`invalid application name ${JSON.stringify(name)}`);
  if (state.applications[name] !== undefined) {
    throw new LocalError(`cannot add application ${JSON.stringify(name)}: application already exists`);
  }
  const application: Application = {
    name,
    charm: charm.name,
    charmRevision: revision,
    source,
    life: 'alive',
    subordinate: charm.subordinate,
    exposed: false,
    config: {},
    configVersion: 1,
    charmVersion: 1,
    resources: {},
    leaderSettings: {},
    leaderSettingsVersion: 0,
    version: '',
  };
  state.applications[name] = application;
  for (const endpoint of Object.values(charm.endpoints)) {
    if (endpoint.role === 'peer')
      addRelation(state, lookup, [{ application: name, endpoint: endpoint.name, role: 'peer' }]);
  }
  return application;
}

export function addMachine(state: ModelState): MachineRecord {
  const id = String(state.counters.machine);
  state.counters.machine += 1;
  const record: MachineRecord = { id, kind: state.machineKind, address: '', since: timestamp(state) };
  state.machines[id] = record;
  return record;
}

/** @param machine id of the machine that holds it */
export function addUnit(state: ModelState, application: Application, machine: string, principal?: string): Unit {
  const number = state.counters.units[application.name] ?? 0;
  state.counters.units[application.name] = number + 1;
  const since = timestamp(state);
  const unit: Unit = {
    name: `${application.name}/${number}`,
    uuid: nextUuid(state),
    application: application.name,
    machine,
    principal,
    life: 'alive',
    workload: { status: 'waiting', message: 'waiting for machine', since },
    agent: { status: 'allocating', message: '', since },
    history: [],
    ports: [],
    state: {},
    installed: false,
    started: false,
    stopped: false,
    removed: false,
    seen: { config: 0, charm: application.charmVersion, leader: false, leaderSettings: 0 },
    queue: [],
    relations: {},
  };
  state.units[unit.name] = unit;
  return unit;
}

/** Makes a new unit the leader where the application has none. */
export function claimLeadership(state: ModelState, unit: Unit): void {
  const application = state.applications[unit.application];
  if (application !== undefined && !isLed(state, application)) application.leader = unit.name;
}

function isLed(state: ModelState, { leader }: Application): boolean {
  return leader !== undefined && state.units[leader] !== undefined;
}

/** Once the leader has gone: one that is to stay, before one that is to go too. */
function electLeader(state: ModelState, application: Application): void {
  if (isLed(state, application)) return;
  const units = unitsOf(state, application.name);
  const next = units.find(({ life }) => life === 'alive') ?? units[0];
  if (next === undefined) delete application.leader;
  else application.leader = next.name;
}

/** The unit, and the subordinates on it, are to go. */
export function dismissUnit(state: ModelState, unit: Unit): void {
  unit.life = 'dying';
  for (const other of Object.values(state.units)) if (other.principal === unit.name) other.life = 'dying';
}

export function dismissApplication(state: ModelState, application: Application): void {
  application.life = 'dying';
  for (const relation of relationsOf(state, application.name)) if (!isPeer(relation)) relation.life = 'dying';
  for (const unit of unitsOf(state, application.name)) dismissUnit(state, unit);
}

/** Takes a unit that has run its last hook out of the model, and what goes with it. */
export function forgetUnit(state: ModelState, unit: Unit): void {
  delete state.units[unit.name];
  for (const relation of Object.values(state.relations)) {
    relation.units = relation.units.filter((name) => name !== unit.name);
  }
  for (const secret of Object.values(state.secrets)) {
    delete secret.consumers[unit.name];
    if (secret.owner.kind === 'unit' && secret.owner.name === unit.name) delete state.secrets[secret.id];
  }
  const application = state.applications[unit.application];
  if (application !== undefined) electLeader(state, application);
}

/** Removes dying relations without units, and dying applications without units. */
export function sweep(state: ModelState): void {
  for (const relation of Object.values(state.relations)) {
    const empty =
      relation.units.length === 0 &&
      !Object.values(state.units).some(({ relations }) => relations[relation.id]?.broken === false);
    if (relation.life === 'dying' && empty) forgetRelation(state, relation.id);
  }
  for (const application of Object.values(state.applications)) {
    const gone = application.life === 'dying' && unitsOf(state, application.name).length === 0;
    const left = relationsOf(state, application.name).filter((relation) => !isPeer(relation));
    if (!gone || left.length > 0) continue;
    for (const relation of relationsOf(state, application.name)) forgetRelation(state, relation.id);
    for (const secret of Object.values(state.secrets)) {
      if (secret.owner.kind === 'application' && secret.owner.name === application.name)
        delete state.secrets[secret.id];
    }
    delete state.applications[application.name];
  }
}

function forgetRelation(state: ModelState, id: number): void {
  delete state.relations[String(id)];
  for (const unit of Object.values(state.units)) delete unit.relations[String(id)];
  for (const secret of Object.values(state.secrets)) {
    secret.grants = secret.grants.filter(({ relation }) => relation !== id);
  }
}

/** Machines that nothing is on any more. */
export function emptyMachines(state: ModelState): string[] {
  const used = new Set(Object.values(state.units).map(({ machine }) => machine));
  return Object.keys(state.machines)
    .filter((id) => !used.has(id))
    .toSorted(byName);
}

/** Subordinate units that a principal unit is to have, by the container relations it is in. */
export function missingSubordinates(state: ModelState, unit: Unit): Application[] {
  if (unit.principal !== undefined || unit.life !== 'alive') return [];
  const missing = relationsOf(state, unit.application).flatMap((relation) => {
    if (relation.scope !== 'container' || relation.life !== 'alive' || !relation.units.includes(unit.name)) return [];
    const other = relation.ends.find((end) => end.application !== unit.application);
    const application = other === undefined ? undefined : state.applications[other.application];
    if (application?.subordinate !== true || endOf(relation, unit.application) === undefined) return [];
    const has = unitsOf(state, application.name).some(({ principal }) => principal === unit.name);
    return has ? [] : [application];
  });
  // Two relations with one subordinate are one unit of it.
  return [...new Set(missing)];
}
