/** `juju status --format json`: the model as one document. */

import { showRange } from '../hooktools/ports.ts';
import { clockTime, now, shortTime, timestamp } from '../model/clock.ts';
import { byName } from '../model/ids.ts';
import { isPeer, relationsOf, remoteEnd, showEnd } from '../model/relations.ts';
import type { Application, ModelState, Unit } from '../model/state.ts';
import { applicationStatus, shownWorkload, unitsOf } from '../model/status.ts';
import type { Session } from '../uniter/session.ts';

export interface StatusEntry {
  readonly current: string;
  readonly message?: string;
  readonly since?: string;
  readonly version?: string;
}

export interface UnitStatus {
  readonly 'workload-status': StatusEntry;
  readonly 'juju-status': StatusEntry;
  readonly leader?: true;
  readonly machine?: string;
  readonly 'open-ports'?: readonly string[];
  readonly 'public-address': string;
  /** Where ports are that the machine could not have as they are: `80/tcp` at `127.7.0.2:20080`. */
  readonly 'mapped-ports'?: Readonly<Record<string, string>>;
  readonly subordinates?: Readonly<Record<string, UnitStatus>>;
}

export interface ApplicationStatus {
  readonly charm: string;
  readonly base: { readonly name: string; readonly channel: string };
  readonly 'charm-origin': 'local';
  readonly 'charm-name': string;
  readonly 'charm-rev': number;
  readonly exposed: boolean;
  readonly life: string;
  readonly 'application-status': StatusEntry;
  readonly relations?: Readonly<Record<string, readonly RelatedApplication[]>>;
  readonly 'subordinate-to'?: readonly string[];
  readonly units?: Readonly<Record<string, UnitStatus>>;
  readonly version?: string;
  readonly 'endpoint-bindings': Readonly<Record<string, string>>;
}

export interface RelatedApplication {
  readonly 'related-application': string;
  readonly interface: string;
  readonly scope: string;
}

export interface MachineStatus {
  readonly 'juju-status': StatusEntry & { readonly life: string };
  readonly 'dns-name': string;
  readonly 'ip-addresses': readonly string[];
  readonly 'instance-id': string;
  readonly 'machine-status': StatusEntry & { readonly life: string };
  readonly base: { readonly name: string; readonly channel: string };
}

/** One relation: provider, requirer, interface, `regular`, `peer` or `subordinate`. */
export interface IntegrationStatus {
  readonly provider: string;
  readonly requirer: string;
  readonly interface: string;
  readonly type: 'regular' | 'peer' | 'subordinate';
}

export interface ModelStatus {
  readonly model: {
    readonly name: string;
    readonly type: 'iaas';
    readonly controller: string;
    readonly cloud: string;
    readonly version: string;
    readonly 'model-status': StatusEntry;
  };
  readonly machines: Readonly<Record<string, MachineStatus>>;
  readonly applications: Readonly<Record<string, ApplicationStatus>>;
  readonly storage: Readonly<Record<string, never>>;
  /** Only the table shows them. */
  readonly integrations: readonly IntegrationStatus[];
  readonly controller: { readonly timestamp: string };
}

export const BASE = { name: 'ubuntu', channel: '24.04' } as const;

export async function modelStatus(session: Session): Promise<ModelStatus> {
  const { state } = session;
  const machines = Object.values(state.machines).toSorted((a, b) => byName(a.id, b.id));
  const applications = Object.values(state.applications).toSorted((a, b) => byName(a.name, b.name));
  const shown = await Promise.all(
    applications.map(async (one) => [one.name, await applicationEntry(session, one)] as const),
  );
  return {
    model: {
      name: state.name,
      type: 'iaas',
      controller: 'local',
      cloud: 'local',
      version: state.jujuVersion,
      'model-status': { current: 'available', since: shortTime(timestamp(state)) },
    },
    machines: Object.fromEntries(
      machines.map(({ id, kind, address, since }) => [id, machineEntry(id, kind, address, since)]),
    ),
    applications: Object.fromEntries(shown),
    storage: {},
    integrations: integrations(state),
    controller: { timestamp: `${clockTime(now(state).toISOString())}Z` },
  };
}

function machineEntry(id: string, kind: string, address: string, since: string): MachineStatus {
  const time = shortTime(since);
  return {
    'juju-status': { current: 'started', since: time, life: 'alive' },
    'dns-name': address,
    'ip-addresses': address === '' ? [] : [address],
    'instance-id': `${kind}-${id}`,
    'machine-status': { current: 'running', message: `${kind} machine`, since: time, life: 'alive' },
    base: BASE,
  };
}

function entry(status: { readonly status: string; readonly message: string; readonly since?: string }): StatusEntry {
  return {
    current: status.status,
    message: status.message || undefined,
    since: status.since ? shortTime(status.since) : undefined,
  };
}

async function applicationEntry(session: Session, application: Application): Promise<ApplicationStatus> {
  const { state } = session;
  const charm = session.charmOf(application.name);
  const relations = relationEntries(state, application);
  const own = unitsOf(state, application.name).filter(({ principal }) => principal === undefined);
  const units = await Promise.all(own.map(async (unit) => [unit.name, await unitEntry(session, unit)] as const));
  const principals = relationsOf(state, application.name)
    .filter(({ scope }) => scope === 'container')
    .flatMap((relation) => remoteEnd(relation, application.name)?.application ?? []);
  return {
    charm: `local:${application.charm}-${application.charmRevision}`,
    base: BASE,
    'charm-origin': 'local',
    'charm-name': application.charm,
    'charm-rev': application.charmRevision,
    exposed: application.exposed,
    life: application.life,
    'application-status': entry(applicationStatus(state, application)),
    relations: unlessEmpty(relations),
    'subordinate-to': application.subordinate ? [...new Set(principals)].toSorted() : undefined,
    units: unlessEmpty(Object.fromEntries(units)),
    version: application.version || undefined,
    'endpoint-bindings': Object.fromEntries(
      ['', ...Object.keys(charm.endpoints)].toSorted().map((name) => [name, 'alpha']),
    ),
  };
}

function relationEntries(state: ModelState, application: Application): Record<string, RelatedApplication[]> {
  const entries: Record<string, RelatedApplication[]> = {};
  for (const relation of relationsOf(state, application.name)) {
    const own = relation.ends.find((end) => end.application === application.name);
    const remote = isPeer(relation) ? application.name : remoteEnd(relation, application.name)?.application;
    if (own === undefined || remote === undefined) continue;
    const related = { 'related-application': remote, interface: relation.interface, scope: relation.scope };
    entries[own.endpoint] = [...(entries[own.endpoint] ?? []), related];
  }
  return Object.fromEntries(Object.entries(entries).toSorted(([a], [b]) => byName(a, b)));
}

async function unitEntry(session: Session, unit: Unit): Promise<UnitStatus> {
  const { state } = session;
  const subordinates = Object.values(state.units).filter(({ principal }) => principal === unit.name);
  const below = await Promise.all(
    subordinates
      .toSorted((a, b) => byName(a.name, b.name))
      .map(async (one) => [one.name, await unitEntry(session, one)] as const),
  );
  const mapped = await mappedPorts(session, unit);
  const agent = unit.failed === undefined ? unit.agent : { ...unit.agent, status: 'idle', message: '' };
  return {
    'workload-status': entry(shownWorkload(unit)),
    'juju-status': { ...entry(agent), version: state.jujuVersion },
    leader: state.applications[unit.application]?.leader === unit.name || undefined,
    machine: unit.principal === undefined ? unit.machine : undefined,
    'open-ports': unit.ports.length === 0 ? undefined : openPorts(unit),
    'public-address': state.machines[unit.machine]?.address ?? '',
    'mapped-ports': unlessEmpty(mapped),
    subordinates: unlessEmpty(Object.fromEntries(below)),
  };
}

/** Juju leaves out of its documents what holds nothing. */
function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

export function openPorts(unit: Unit): string[] {
  return [...new Set(unit.ports.map(showRange))].toSorted(byName);
}

/** Ports that are to be reached elsewhere than at the machine's address. */
async function mappedPorts(session: Session, unit: Unit): Promise<Record<string, string>> {
  const single = unit.ports.filter(({ protocol, from, to }) => protocol === 'tcp' && from === to);
  if (single.length === 0) return {};
  const machine = await session.machineAsIs(unit.machine);
  const mapped: Record<string, string> = {};
  for (const port of single) {
    const endpoint = await machine.endpoint(port.from);
    if (endpoint.port !== port.from || endpoint.host !== machine.address) {
      mapped[showRange(port)] = `${endpoint.host}:${endpoint.port}`;
    }
  }
  return mapped;
}

function integrations(state: ModelState): IntegrationStatus[] {
  const rows = Object.values(state.relations).map((relation): IntegrationStatus => {
    const named = (role: string) => relation.ends.find((end) => end.role === role) ?? relation.ends[0];
    const [provider, requirer] = [named('provider'), named('requirer')];
    return {
      provider: provider === undefined ? '' : showEnd(provider),
      requirer: requirer === undefined ? '' : showEnd(requirer),
      interface: relation.interface,
      type: isPeer(relation) ? 'peer' : relation.scope === 'container' ? 'subordinate' : 'regular',
    };
  });
  return rows.toSorted((a, b) => byName(a.provider, b.provider));
}
