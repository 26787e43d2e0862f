/** Everything that must be there before the application can be served, made in the order in which each needs the others. */
import { digestOf } from '../../system/digest.ts';
import { createMask } from '../../system/mask.ts';
import { systemdVersion } from '../../system/systemd.ts';
import type { WsgiApi } from '../api.ts';
import { readAsks } from '../author-requests.ts';
import type { Variables } from '../config/environment-variables.ts';
import type { Options } from '../config/options.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { type SecretKey, secretKey } from '../fleet/secret-key.ts';
import { environmentPath, STATE_DIRECTORY } from '../paths.ts';
import { type DesiredProcesses, desiredProcesses } from '../processes/desired-processes.ts';
import { type Procfile, readProcfile } from '../processes/procfile.ts';
import { checkSchedules } from '../processes/schedules.ts';
import { type Process, wantedProcesses } from '../processes/wanted.ts';
import type { Connections } from '../relations/connections.ts';
import type { Relations } from '../relations/databags.ts';
import { untold } from '../relations/untold.ts';
import type { Served } from '../service/state.ts';
import { buildsSource, refuseLogInBuild } from '../source/builds.ts';
import type { Account } from '../source/data-paths.ts';
import { ensureDataInPlace, linkData } from '../source/data-paths.ts';
import { rememberProvisioned, type Source, sourceInPlace, sourcePath } from '../source/in-place.ts';
import { watchAnew } from '../source/left-behind.ts';
import { pythonFiles } from '../source/python-files.ts';
import { expectAnything } from '../source/removed.ts';
import { blocked, Problem, waiting } from '../status.ts';
import type { Confinement } from '../unit/confinement.ts';
import { confinementOf, type DesiredServiceInput, desiredService } from '../unit/desired-service.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { writeCertificates } from './certificates.ts';
import { buildEnvironment } from './environment.ts';
import { forgetFailures } from './failures.ts';
import { ensureLogFile } from './log-file.ts';
import { type OperatorVariables, operatorVariables } from './operator-variables.ts';
import { takeOver } from './ownership.ts';
import { ensureAccount, ensureSystemPackages } from './packages.ts';
import { LEADER, makeTarget, type Provision, provision, provisionCommand } from './provision.ts';
import { databasesIn, madeDatabases, mendOfReadOnly, rememberMadeDatabases } from './read-only.ts';
import { secretValues } from './secret-values.ts';
import { makeVenv, type VirtualEnvironment, venvPaths } from './virtual-environment.ts';

export interface PrepareInput {
  readonly yaml: WsgiYaml;
  readonly options: Options;
  readonly relations: Relations;
  /** What was read from them. */
  readonly connections: Connections;
  /** Where gunicorn is to count requests, as `HOST:PORT`; undefined for nowhere. */
  readonly statsd: string | undefined;
  /** What serves now. */
  readonly served: Served;
  /** Of several builds, the one that is asked for or the one that serves. */
  readonly build: 'wanted' | 'served';
  /** `later` where somebody asks for provision_command, and runs it himself. */
  readonly provision?: 'later';
  /** What is said to the operator, and does not keep the application from being served. */
  readonly problems: Problem[];
}

export interface Prepared {
  /** The service that would serve it, rendered anew by each call. */
  readonly desired: () => DesiredService;
  /** The processes that the application has besides, and their units, rendered anew by each call. */
  readonly processes: readonly Process[];
  readonly desiredProcesses: () => DesiredProcesses;
  /** What a command is run with that a person gives. */
  readonly confinement: () => Confinement;
  readonly source: Source;
  readonly account: Account;
  readonly environment: Variables;
  readonly venv: VirtualEnvironment;
  /** Where gunicorn counts requests, as `HOST:PORT`. */
  readonly statsd: string | undefined;
  /** Machine paths at which damage to the source or the virtual environment shows. */
  readonly watched: readonly string[];
  /** What the relations gave. */
  readonly connections: Connections;
  /** provision_command has run for this, and may have changed a database. */
  readonly provisioned: boolean;
  /** Everything that provision_command is run with. */
  readonly provisioning: Provision;
  /** Called once it serves: of several builds, makes this one the current one. */
  readonly makeCurrent: () => Promise<void>;
}

/** @throws Problem that names what is missing and what would be right */
export async function prepare(api: WsgiApi, input: PrepareInput): Promise<Prepared> {
  const { machine, juju, flags, keep } = api;
  const { yaml, options, relations, connections } = input;
  const operators = operatorVariables(juju, options);
  // Once in a look: what serves is prepared again where the wanted has just failed.
  const asked = api.event.kind === 'action' || api.event.name === 'upgrade-charm';
  if (asked && input.build === 'wanted') forgetFailures(api.data);
  await ensureSystemPackages(machine, juju, options);
  const account = await ensureAccount(machine, yaml.username);
  flags.set('wsgi.system.ready');
  const missing = missingFor(api, input);
  if (missing === undefined) connect(api, input);
  await writeCertificates(api, connections);
  await takeOver(api, yaml.application_root, account);
  const { source, makeCurrent } = await findSource(api, input, account);
  const procfile = await readProcfile(
    machine,
    source.folder,
    source.label === undefined ? source.folder : `build ${source.label}`,
  );
  const processes = await processesOf(api, options, procfile);
  const shared = secretKey(api, options);
  const environment = environmentOf(api, options, connections, operators, shared.variables);
  refuseLogInBuild(api, yaml.application_root, options);
  await ensureLogFile(api, options.wsgi_logfile_path, account);
  const secrets = [...secretsOf(api, connections, operators, source), ...Object.values(shared.variables)];
  const mask = createMask(secrets);
  const venv = await makeVenv(api, options, source, account, environment, mask);
  if (missing !== undefined) throw missing;
  if (shared.missing !== undefined) throw shared.missing;
  const variables = withVenv(environment, machine.path(venv.path));
  const provisions = provisionCommand(options, procfile);
  const run = {
    user: account.user,
    group: account.group,
    folder: source.folder,
    environment: new Map([...variables, [LEADER, String(provisions.command !== undefined && juju.isLeader())]]),
    timeout: options.provision_timeout,
    mask,
    packages: options.apt_dependencies,
    log: (text: string) => juju.debug(text),
  };
  if (source.label !== undefined) {
    await makeTarget(machine, api.data, options.update_make_target, source.digest, run);
  }
  let databases: ReadonlyMap<string, string> | undefined;
  const provisioning = {
    ...provisions,
    here: input.provision !== 'later' && (options.provision_on === 'every' || juju.isLeader()),
    source: source.digest,
    databases: connections.databases,
    run,
    beforeRun: () => {
      expectAnything(api.data);
      databases = databasesIn(machine, source.folder, yaml.data_paths);
    },
  };
  const provisioned = await provisionUnlessRevoked(api, input, connections, provisioning);
  if (provisioned) watchAnew(api.data);
  if (provisioned && databases !== undefined) {
    const after = databasesIn(machine, source.folder, yaml.data_paths);
    rememberMadeDatabases(api.data, source.folder, databases, after);
  }
  input.problems.push(...madeDatabases(api, source.folder, yaml.data_paths, provisions.setBy));
  if (provisioned) await rememberProvisioned(machine, api.data, source, yaml);
  const systemd = await systemdVersion(machine);
  const unit = () => ({
    api,
    yaml,
    options,
    relations,
    source,
    account,
    venv: venv.path,
    environment: variables,
    mask,
    secrets: connections.secrets,
    systemd,
    restarts: readAsks(keep).restarts,
    certificates: certificatesDigest(connections),
    statsd: input.statsd,
  });
  return {
    desired: () => desiredService(unit()),
    processes,
    desiredProcesses: () => desiredProcesses(unit(), processes),
    confinement: () => runConfinement(unit(), processes),
    source,
    account,
    environment: variables,
    venv,
    statsd: input.statsd,
    watched: [sourcePath(source), ...(await venvPaths(machine, venv.path))],
    connections,
    provisioned,
    provisioning,
    makeCurrent,
  };
}

/** Another one whenever the relations give something else to trust. */
export function certificatesDigest({ certificates, trusted }: Connections): string {
  return digestOf([...certificates.values(), trusted]);
}

/** With the environment file of the web server, and of the processes where there is none. */
function runConfinement(unit: DesiredServiceInput, processes: readonly Process[]): Confinement {
  const { generation } = desiredService(unit);
  const { environmentPath: ofProcesses } = desiredProcesses(unit, processes);
  const path = unit.options.wsgi_module === undefined ? ofProcesses : environmentPath(generation);
  return confinementOf(unit, generation, path);
}

/** @throws Problem for a process that is not there, or a time that means nothing, or where there is nothing to run at all */
export async function processesOf(
  { juju, keep, machine }: WsgiApi,
  options: Options,
  procfile: Procfile,
): Promise<Process[]> {
  const { processes: counts, schedules } = options;
  await checkSchedules(machine, schedules);
  if (procfile.has('web')) juju.debug('web of the Procfile is not run: gunicorn serves what wsgi_module names');
  const processes = wantedProcesses({ procfile, declared: readAsks(keep).processes, counts, schedules });
  if (options.wsgi_module !== undefined || processes.length > 0) return processes;
  return blocked(
    'wsgi_module: is empty, and the application has no other process; MODULE:CALLABLE such as wsgi:application is right',
  );
}

/**
 * What the application cannot be started without: a relation that was never ready, or that Juju has not told of. Packages,
 * build and virtual environment are made meanwhile; a running application continues.
 */
function missingFor({ juju }: WsgiApi, { connections, relations, served }: PrepareInput): Problem | undefined {
  return served.pid === undefined ? (connections.missing ?? untold(juju, relations)) : undefined;
}

function connect({ juju }: WsgiApi, { connections, problems }: PrepareInput): void {
  for (const remark of connections.remarks) juju.debug(remark);
  problems.push(...connections.problems);
}

/**
 * The command may well fail when its database is gone. The application then goes on as it is if it can: it has to be
 * started anew in any case, without the credentials.
 */
async function provisionUnlessRevoked(
  { machine, data }: WsgiApi,
  { problems, yaml }: PrepareInput,
  { revoked }: Connections,
  wanted: Provision,
): Promise<boolean> {
  try {
    return await provision(machine, data, wanted);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const mend = mendOfReadOnly(machine, error.message, wanted.run.folder, yaml.data_paths);
    const mendable = mend === '' ? error : new Problem(error.status, `${error.message}${mend}`);
    if (!revoked) throw mendable;
    problems.push(mendable);
    return false;
  }
}

async function findSource(
  api: WsgiApi,
  { yaml, options, build }: PrepareInput,
  account: Account,
): Promise<{ readonly source: Source; readonly makeCurrent: () => Promise<void> }> {
  const { machine, data, flags } = api;
  const builds = await buildsSource(api, options, yaml, account, build);
  if (builds !== undefined) {
    await linkData(machine, builds.source.folder, yaml.data_paths, account);
    return builds;
  }
  const source = await sourceInPlace(machine, data, yaml, flags.isSet('wsgi.source.available'), account);
  if (source === undefined) {
    if (!flags.isSet('resources.build.missing')) {
      return waiting(`no application yet: its code is not in ${yaml.application_root}`);
    }
    return waiting(
      `no application yet: attach one, as in juju attach-resource ${api.juju.unit.application} build=FILE`,
    );
  }
  flags.clear('wsgi.source.available');
  await ensureDataInPlace(machine, yaml.application_root, yaml.data_paths, account);
  return { source, makeCurrent: async () => undefined };
}

/** The environment of the application without its virtual environment. @throws Problem for a variable that no relation gives */
export function environmentOf(
  { juju, keep, machine }: WsgiApi,
  options: Options,
  { variables }: Connections,
  operators: OperatorVariables,
  shared: SecretKey['variables'],
): Variables {
  const { environment } = readAsks(keep);
  const built = buildEnvironment({
    base: { HOME: machine.path(STATE_DIRECTORY), LANG: 'C.UTF-8' },
    relations: { ...variables, ...shared, ...environment },
    from: options.environment_from,
    user: operators.variables,
  });
  for (const name of built.overridden) juju.debug(`${name} of environment_variables wins over the relation's`);
  for (const { name, reason } of built.left) juju.log('WARNING', `${name} is left out: ${reason}`);
  return built.variables;
}

/** What no status and no log may show: what the table of relations calls secret, and of typed values all that may be. */
function* secretsOf(
  { machine, keep }: WsgiApi,
  { secrets }: Connections,
  operators: OperatorVariables,
  source: Source,
): Generator<string> {
  const typed = new Map([...Object.entries(readAsks(keep).environment), ...operators.variables]);
  yield* secretValues(typed, () => pythonFiles(machine, source.folder));
  yield* operators.secrets;
  yield* secrets;
}

/** The environment of every process of the application: its own programs first on PATH. */
export function withVenv(environment: Variables, venv: string): Variables {
  return new Map([
    ...environment,
    ['VIRTUAL_ENV', venv],
    ['PATH', `${venv}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`],
  ]);
}
