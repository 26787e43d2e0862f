/** The world of a unit in a model, as `layer-wsgi/testing` has it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { showRange } from '../hooktools/ports.ts';
import type { LocalMachine } from '../machine.ts';
import type { Application, ModelState, Relation, Secret, Unit } from '../model/state.ts';
import { hostPaths } from '../uniter/unit-paths.ts';
import { Masks } from './mask.ts';

/** What the world is read from. */
export interface Place {
  readonly state: ModelState;
  readonly unit: Unit;
  readonly application: Application;
  readonly machine: LocalMachine;
}

/** The argument of `state()`: config, relations, secrets, flags; without what the machine holds, and without secrets. */
export function worldOf(place: Place): object {
  const { state, unit, application, machine } = place;
  const masks = new Masks();
  const whole = {
    unit: unit.name,
    leader: application.leader === unit.name,
    jujuVersion: state.jujuVersion,
    model: { name: state.name, uuid: state.uuid },
    address: machine.address,
    config: masks.bag(application.config),
    relations: relationsOf(state, unit).map((relation) => relationWorld(unit, relation, masks)),
    secrets: secretsOf(state, unit).map((secret) => secretWorld(secret, unit, masks)),
    status: { status: unit.workload.status, message: masks.value('', unit.workload.message) },
    workloadVersion: application.version,
    ports: unit.ports.map(showRange),
    stored: masks.bag(unit.state),
    leaderSettings: masks.bag(application.leaderSettings),
    flags: flagsOf(machine, unit),
  };
  return JSON.parse(masks.everywhere(JSON.stringify(withoutEmpty(whole))));
}

function relationsOf(state: ModelState, unit: Unit): Relation[] {
  return Object.entries(unit.relations).flatMap(([id, { created, broken }]) => {
    const relation = state.relations[id];
    return relation === undefined || !created || broken ? [] : [relation];
  });
}

function relationWorld(unit: Unit, { id, ends, bags }: Relation, masks: Masks): object {
  const own = ends.find(({ application }) => application === unit.application);
  const remote = ends.find((end) => end !== own) ?? own;
  const bag = (name: string) => masks.bag(bags[name]?.data ?? {});
  const members = Object.keys(unit.relations[String(id)]?.members ?? {});
  const isPeer = remote === own;
  return withoutEmpty({
    id: `${own?.endpoint}:${id}`,
    remoteApp: remote?.application,
    remoteUnits: Object.fromEntries(members.map((name) => [name, bag(name)])),
    remoteAppData: isPeer ? {} : bag(remote?.application ?? ''),
    localUnitData: bag(unit.name),
    localAppData: bag(unit.application),
  });
}

/** Those that the unit owns or has read. */
function secretsOf(state: ModelState, unit: Unit): Secret[] {
  return Object.values(state.secrets).filter(
    ({ owner, consumers }) =>
      owner.name === unit.name || owner.name === unit.application || consumers[unit.name] !== undefined,
  );
}

function secretWorld({ id, owner, label, latest, revisions, consumers }: Secret, unit: Unit, masks: Masks): object {
  const kind = owner.name === unit.name ? 'unit' : owner.name === unit.application ? 'application' : undefined;
  const consumer = consumers[unit.name];
  return {
    id,
    owner: kind ?? (owner.kind === 'model' ? 'user' : (owner.name.split('/')[0] ?? '')),
    // A revision that no unit follows may have been removed; the others keep their numbers.
    revisions: Array.from({ length: latest }, (_, index) => contentOf(revisions[String(index + 1)], masks)),
    tracked: consumer?.revision,
    label: consumer?.label || label,
  };
}

function contentOf(revision: Secret['revisions'][string] | undefined, masks: Masks): object {
  const content = Object.entries(revision?.content ?? {});
  return Object.fromEntries(content.map(([key, value]) => [key, masks.of(value)]));
}

/** The engine makes these of the config at the beginning of each hook. */
const OF_CONFIG = /^config\.(default|set|changed)(\.|$)/;

/** What the engine of layer-wsgi keeps in the charm's folder, as far as a test needs it. */
const Store = z.object({ version: z.literal(1), flags: z.record(z.string(), z.json()) });

/** A charm with another engine keeps its flags elsewhere, and its test begins without. */
function flagsOf(
  machine: LocalMachine,
  unit: Unit,
): readonly string[] | Readonly<Record<string, z.core.util.JSONType>> {
  const file = join(hostPaths(machine, unit.name).charm, '.reactive.json');
  if (!existsSync(file)) return [];
  const found = Store.safeParse(parsed(readFileSync(file, 'utf8')));
  if (!found.success) return [];
  const flags = Object.entries(found.data.flags).filter(([flag]) => !OF_CONFIG.test(flag));
  return flags.every(([, value]) => value === null) ? flags.map(([flag]) => flag) : Object.fromEntries(flags);
}

/** A store that a killed hook damaged is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutEmpty(world: object): object {
  return Object.fromEntries(
    Object.entries(world).filter(
      ([, value]) =>
        !(value === undefined || value === '' || (value instanceof Object && Object.keys(value).length === 0)),
    ),
  );
}
