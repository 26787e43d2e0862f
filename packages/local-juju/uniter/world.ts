/** The model as the tools of one unit see it while a hook runs. It is live: what takes effect at once can be read at once. */

import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { GoalStateUnits, RelationView, World } from '../hooktools/world.ts';
import { now, spacedTime } from '../model/clock.ts';
import { effectiveOptions } from '../model/config.ts';
import { isPeer, relationsOf, remoteEnd, showEnd } from '../model/relations.ts';
import { secretView } from '../model/secrets.ts';
import type { Hook, ModelState, Relation, Unit } from '../model/state.ts';
import { applicationStatus, unitsOf } from '../model/status.ts';
import { relationId } from './names.ts';
import type { Session } from './session.ts';
import type { UnitPaths } from './unit-paths.ts';

export interface UnitPlace {
  readonly address: string;
  readonly seen: UnitPaths;
  readonly host: UnitPaths;
}

export function unitWorld(session: Session, unit: Unit, hook: Hook | undefined, place: UnitPlace): World {
  const { state } = session;
  const application = state.applications[unit.application];
  if (application === undefined) throw new Error(`no application ${unit.application}`);
  const charm = session.charmOf(application.name);
  // Config is read once a hook: it does not change under it.
  const options = effectiveOptions(charm, application);
  return {
    jujuVersion: state.jujuVersion,
    modelUuid: state.uuid,
    unit: unit.name,
    application: application.name,
    options,
    endpoints: Object.keys(charm.endpoints),
    network: {
      address: place.address,
      hostname: Number.parseInt(state.jujuVersion, 10) < 4 ? '' : place.address,
      cidr: place.address.replace(/\.\d+$/, '.0/24'),
      macAddress: macAddress(place.address),
      interfaceName: 'eth0',
    },
    get leader() {
      return application.leader === unit.name;
    },
    get relations() {
      return relationViews(state, unit, hook);
    },
    get ports() {
      return unit.ports;
    },
    get machinePorts() {
      const others = Object.values(state.units).filter(
        ({ machine, name }) => machine === unit.machine && name !== unit.name,
      );
      return others.flatMap((other) => other.ports.map((port) => ({ ...port, unit: other.name })));
    },
    get status() {
      return unit.workload;
    },
    get applicationStatus() {
      return applicationStatus(state, application, ({ workload }) => workload);
    },
    get unitStatuses() {
      return Object.fromEntries(unitsOf(state, application.name).map((one) => [one.name, one.workload]));
    },
    get state() {
      return unit.state;
    },
    get leaderSettings() {
      return application.leaderSettings;
    },
    get secrets() {
      return Object.values(state.secrets).map((secret) => secretView(state, secret, unit));
    },
    get goalState() {
      return goalState(state, application.name, unit.name);
    },
    get now() {
      return now(state);
    },
    resource: (name) => resourcePath(session, unit, name, place),
  };
}

/** A locally administered address, the same for the same machine. */
function macAddress(address: string): string {
  const bytes = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return ['02', '16', ...bytes].slice(0, 6).join(':');
}

function relationViews(state: ModelState, unit: Unit, hook: Hook | undefined): RelationView[] {
  return Object.entries(unit.relations).flatMap(([id, local]) => {
    const relation = state.relations[id];
    if (relation === undefined || local.broken) return [];
    return [
      {
        id: relationId(state, unit.application, relation.id),
        endpoint: relation.ends.find((end) => end.application === unit.application)?.endpoint ?? '',
        remoteApp: remoteEnd(relation, unit.application)?.application ?? unit.application,
        peer: isPeer(relation),
        key: relation.ends.map(showEnd),
        units: members(relation, Object.keys(local.members), hook),
        bag: (entity) => relation.bags[entity]?.data,
      },
    ];
  });
}

/** In joined the joining unit is listed already, in departed the departing one no longer. */
function members(relation: Relation, known: readonly string[], hook: Hook | undefined): string[] {
  if (hook?.kind !== 'relation' || hook.relation !== relation.id || hook.remoteUnit === undefined) return [...known];
  const others = known.filter((name) => name !== hook.remoteUnit);
  return hook.step === 'departed' ? others : [...others, hook.remoteUnit];
}

function goalState(state: ModelState, application: string, asker: string): World['goalState'] {
  const relations: Record<string, GoalStateUnits> = {};
  for (const relation of relationsOf(state, application)) {
    const remote = remoteEnd(relation, application);
    if (isPeer(relation) || remote === undefined) continue;
    const endpoint = relation.ends.find((end) => end.application === application)?.endpoint ?? '';
    const joined = { status: 'joined', since: spacedTime(relation.since) };
    relations[endpoint] = {
      ...relations[endpoint],
      [remote.application]: joined,
      ...goalUnits(state, remote.application, asker),
    };
  }
  return { units: goalUnits(state, application, asker), relations };
}

/** Of living subordinates Juju 4 shows a principal its own. */
function goalUnits(state: ModelState, application: string, asker: string): GoalStateUnits {
  const all = Number.parseInt(state.jujuVersion, 10) < 4;
  const shown = unitsOf(state, application).filter(
    ({ principal, life }) => all || principal === undefined || principal === asker || life === 'dying',
  );
  return Object.fromEntries(
    shown.map((unit) => {
      const { status, since } = unit.workload;
      return [unit.name, { status: unit.life === 'dying' ? 'dying' : status, since: spacedTime(since) }];
    }),
  );
}

/** Brings the resource to the unit, as Juju's download does, and says where it is. */
function resourcePath(session: Session, unit: Unit, name: string, place: UnitPlace): string | Error {
  const spec = session.charmOf(unit.application).resources[name];
  const resource = session.state.applications[unit.application]?.resources[name];
  if (spec === undefined || resource === undefined) return new Error(`resource ${JSON.stringify(name)} not found`);
  const file = basename(spec.filename === '' ? name : spec.filename);
  mkdirSync(place.host.resources, { recursive: true });
  copyFileSync(session.resourceFile(resource.file), join(place.host.resources, file));
  return `${place.seen.resources}/${file}`;
}
