/** deploy, add-unit, refresh. */

import { addApplication, addMachine, addUnit } from '../model/applications.ts';
import type { Charm } from '../model/charm.ts';
import { parseConfig } from '../model/config.ts';
import { LocalError } from '../model/local-error.ts';
import { addRelation, relationsOf, showEnd } from '../model/relations.ts';
import type { Application } from '../model/state.ts';
import { unitsOf } from '../model/status.ts';
import type { Session } from '../uniter/session.ts';
import { placeCharm } from '../uniter/settle.ts';
import { type AddedCharm, addCharm } from './add-charm.ts';
import { checkResource, storeResource } from './resources.ts';

export interface DeployOptions {
  /** Name of the application; that of the charm unless given. */
  readonly application?: string;
  readonly config?: Readonly<Record<string, string>>;
  /** Paths by name of the resource. */
  readonly resources?: Readonly<Record<string, string>>;
  readonly units?: number;
  /** Numbers of machines, one a unit; new ones unless given. */
  readonly to?: readonly string[];
}

export interface Deployed extends AddedCharm {
  readonly application: Application;
}

/** Told how far a deploy is: the charm is in the model; nothing is refused any more. */
export interface DeployListener {
  readonly onLocated?: (charm: AddedCharm) => void;
  readonly onDeploying?: (application: string, charm: AddedCharm) => void;
}

export async function deploy(
  session: Session,
  source: string,
  options: DeployOptions,
  listen: DeployListener = {},
): Promise<Deployed> {
  const { state } = session;
  const added = await addCharm(session, source, () => undefined);
  listen.onLocated?.(added);
  const { charm } = added;
  const config = parseConfig(charm, options.config ?? {});
  for (const [name, path] of Object.entries(options.resources ?? {})) checkResource(charm, name, path);
  const name = options.application ?? charm.name;
  const application = addApplication(state, session.lookup, name, added);
  listen.onDeploying?.(name, added);
  Object.assign(application.config, config);
  for (const [resource, path] of Object.entries(options.resources ?? {})) {
    storeResource(session, application, resource, path);
  }
  if (!application.subordinate) addUnits(session, application, options.units ?? 1, options.to ?? []);
  return { ...added, application };
}

/** @throws LocalError for a machine that is not there, and for a subordinate */
export function addUnits(session: Session, application: Application, count: number, to: readonly string[]): string[] {
  if (application.subordinate) {
    throw new LocalError(`cannot add unit: application ${JSON.stringify(application.name)} is a subordinate`);
  }
  const unknown = to.find((id) => session.state.machines[id] === undefined && !isNextMachine(session, id));
  if (unknown !== undefined) throw new LocalError(`machine ${JSON.stringify(unknown)} not found`);
  return Array.from({ length: count }, (_, i) => {
    const wanted = to[i];
    const machine =
      wanted !== undefined && session.state.machines[wanted] !== undefined ? wanted : addMachine(session.state).id;
    return addUnit(session.state, application, machine).name;
  });
}

/** The number that a new machine would get may be named too. */
function isNextMachine(session: Session, id: string): boolean {
  return id === String(session.state.counters.machine);
}

export interface RefreshOptions {
  /** Folder or file of the charm; where it came from unless given. */
  readonly path?: string;
  /** Also on units whose hook has failed. */
  readonly forceUnits?: boolean;
  readonly resources?: Readonly<Record<string, string>>;
}

/** Told how far a refresh is: the charm is in the model; nothing is refused any more. */
export interface RefreshListener {
  readonly onAdded?: (charm: AddedCharm) => void;
  readonly onRefreshing?: (charm: AddedCharm) => void;
}

export async function refresh(
  session: Session,
  application: Application,
  options: RefreshOptions,
  listen: RefreshListener = {},
): Promise<void> {
  const before = session.charmOf(application.name);
  const added = await addCharm(session, options.path ?? application.source, (charm) => {
    if (charm.name === before.name) return;
    throw new LocalError(`cannot refresh ${JSON.stringify(before.name)} to ${JSON.stringify(charm.name)}`);
  });
  listen.onAdded?.(added);
  checkEndpoints(session, application, before, added.charm);
  for (const [name, path] of Object.entries(options.resources ?? {})) checkResource(added.charm, name, path);
  listen.onRefreshing?.(added);
  application.charmRevision = added.revision;
  application.source = added.source;
  application.charmVersion += 1;
  for (const [name, path] of Object.entries(options.resources ?? {})) storeResource(session, application, name, path);
  addPeers(session, application, added.charm);
  for (const name of Object.keys(application.config)) {
    if (added.charm.options[name] === undefined) delete application.config[name];
  }
  if (options.forceUnits !== true) return;
  // Their folder is replaced now; the failed hook is run again, upgrade-charm never comes.
  for (const unit of unitsOf(session.state, application.name))
    if (unit.failed !== undefined) await placeCharm(session, unit);
}

/** Juju 4.0 takes no new endpoint; no Juju lets one go that is related. */
function checkEndpoints(session: Session, application: Application, before: Charm, after: Charm): void {
  const isNew = Object.keys(after.endpoints).some((name) => before.endpoints[name] === undefined);
  if (isNew && Number.parseInt(session.state.jujuVersion, 10) >= 4) {
    const names = Object.keys(after.endpoints).toSorted().join(', ');
    const which = `one or more of the provided endpoints ${JSON.stringify(names)} do not exist`;
    throw new LocalError(`setting application ${JSON.stringify(application.name)} charm: ${which}`);
  }
  for (const relation of relationsOf(session.state, application.name)) {
    const own = relation.ends.find((end) => end.application === application.name);
    if (own === undefined || after.endpoints[own.endpoint] !== undefined) continue;
    const key = relation.ends.map(showEnd).toSorted().join(' ');
    throw new LocalError(
      `cannot upgrade application ${JSON.stringify(application.name)}: would break relation ${JSON.stringify(key)}`,
    );
  }
}

function addPeers(session: Session, application: Application, charm: Charm): void {
  const has = relationsOf(session.state, application.name).flatMap(({ ends }) => ends.map(({ endpoint }) => endpoint));
  for (const endpoint of Object.values(charm.endpoints)) {
    if (endpoint.role !== 'peer' || has.includes(endpoint.name)) continue;
    addRelation(session.state, session.lookup, [
      { application: application.name, endpoint: endpoint.name, role: 'peer' },
    ]);
  }
}
