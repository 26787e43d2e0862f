/**
 * Compares what is wanted with what is served, and closes the difference. Every step looks before it acts, so that a
 * hook that was ended anywhere is made up for by the next one, whichever it is.
 */
import { errorCode, MachineError } from '../system/errors.ts';
import type { WsgiApi } from './api.ts';
import { type Prepared, prepare } from './app/prepare.ts';
import type { Options } from './config/options.ts';
import { type WsgiYaml, wsgiYamlOf } from './config/wsgi-yaml.ts';
import { changedOptions, keepServedConfig, servedOptions, typedOptions } from './memory/last-served.ts';
import { settle, type Watched } from './memory/unchanged.ts';
import { checkOwner } from './owner.ts';
import { handOver, takeBack } from './publish/gunicorn-subordinate.ts';
import { removeMonitoring, updateMonitoring } from './publish/monitoring.ts';
import { publishPort } from './publish/port.ts';
import { isRevoked, readConnections } from './relations/connections.ts';
import { observe, type Relations } from './relations/databags.ts';
import { unitFacts } from './relations/facts.ts';
import { readLastAnswers } from './relations/last-answers.ts';
import { askRelations, publishServing } from './relations/requests.ts';
import { RELATIONS } from './relations/table.ts';
import { removeAll, stopForGood, sweep } from './service/remove.ts';
import { stopServing } from './service/replace.ts';
import { SandboxRefused, serve } from './service/serve.ts';
import { readServed, type Served } from './service/state.ts';
import { servesChosen } from './source/builds.ts';
import { SERVED_SOURCE } from './source/in-place.ts';
import { readLedger, writeLedger } from './source/ledger.ts';
import { resourceProblem } from './source/resource-state.ts';
import { activeLine, lastVerdict, Problem, rememberVerdict, type Verdict, verdictOf } from './status.ts';
import { tidy } from './tidy.ts';
import { UNSANDBOXED } from './unit/desired-service.ts';

/** The service was started by this charm, and should run. */
const STARTED = 'wsgi.started';

/** Codes of system calls that failed because of the disk, not because of us. */
const DISK: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** One look at the world. */
interface Look {
  readonly api: WsgiApi;
  readonly yaml: WsgiYaml;
  readonly relations: Relations;
  readonly problems: Problem[];
}

export { act } from './actions.ts';
export { takeBuildResource } from './source/resource.ts';

/** One look at everything. An action that does not come to serve what it was asked to fails, and is taken back. */
export async function reconcile(api: WsgiApi): Promise<void> {
  const { event, data, juju } = api;
  settle(api, await lookAtAll(api));
  if (event.kind !== 'action') return;
  const verdict = lastVerdict(data);
  if (verdict === undefined || verdict.status === 'active') {
    juju.actionResult({ result: verdict?.message ?? 'done' });
    return;
  }
  juju.actionFail(verdict.message);
  if (event.name !== 'set-current-symlink') return;
  const { override: _, ...ledger } = readLedger(data);
  writeLedger(data, ledger);
  settle(api, await lookAtAll(api));
}

/** @returns what the next hook compares with; undefined where something is left to be tried again */
async function lookAtAll(api: WsgiApi): Promise<Watched | undefined> {
  if (api.event.name === 'stop' || api.event.name === 'remove') return leave(api);
  const problems: Problem[] = [];
  const relations = observe(api.juju, RELATIONS);
  const yaml = await attempt(problems, () => wsgiYamlOf(api));
  const owns = await attempt(problems, () => checkOwner(api));
  if (yaml === undefined || owns === undefined) return conclude(api, problems, undefined, undefined);
  return bringAbout({ api, yaml, relations, problems });
}

async function bringAbout(look: Look): Promise<Watched | undefined> {
  const { api, yaml, relations, problems } = look;
  problems.push(...resourceProblem(api.data));
  if (api.interrupted) await sweep(api.machine, yaml.application_root);
  const config = api.juju.config();
  const typed = await attempt(problems, () => typedOptions(config, yaml.application_root));
  const last = servedOptions(api.keep, yaml.application_root);
  let prepared = typed && (await attempt(problems, () => bringUp(look, typed, 'wanted')));
  if (prepared !== undefined) keepServedConfig(api.keep, config);
  else if (
    last !== undefined &&
    !(typed && changedOptions(api.keep, config)?.length === 0 && servesChosen(api.data, typed))
  ) {
    // What cannot be had holds up nothing else: a password that changed meanwhile still reaches what serves.
    prepared = await attempt([], () => bringUp(look, last, 'served'));
  }
  if (prepared === undefined && isRevoked(relations, readLastAnswers(api.keep))) {
    await stopServing(api.machine);
    api.data.unset(STARTED);
  }
  const options = typed ?? last;
  if (options === undefined) return conclude(api, problems, undefined, undefined);
  return showWorld(look, options, prepared);
}

/** Makes everything that the application needs, and the application itself. */
async function bringUp(look: Look, options: Options, build: 'wanted' | 'served'): Promise<Prepared> {
  const { api, yaml, relations, problems } = look;
  const facts = unitFacts(api, options);
  const connections = await readConnections(facts, relations, readLastAnswers(api.keep));
  const held = askRelations(facts, relations, connections.variables);
  if (build === 'wanted') problems.push(...held);
  const prepared = await prepare(api, { yaml, options, relations, connections, problems, build });
  try {
    if (relations['wsgi-file'].length > 0) await handOver(api, relations, options, prepared);
    else await serveHere(api, prepared);
  } catch (error) {
    if (error instanceof SandboxRefused && api.data.get(UNSANDBOXED) !== true) {
      api.juju.log('WARNING', `this machine refuses the service its sandbox, so it runs without: ${error.message}`);
      api.data.set(UNSANDBOXED, true);
      return bringUp(look, options, build);
    }
    if (error instanceof Problem && prepared.provisioned) {
      throw new Problem(error.status, `${error.message} (provision_command had run)`);
    }
    throw error;
  }
  api.data.set(SERVED_SOURCE, prepared.source.digest);
  await prepared.committed();
  return prepared;
}

async function serveHere(api: WsgiApi, { wanted, revoked }: Prepared): Promise<void> {
  await takeBack(api);
  await serve(api.machine, wanted, {
    startedBefore: api.data.get(STARTED) === true,
    startStopped: api.event.kind === 'action' || api.event.name === 'start' || api.event.name === 'upgrade-charm',
    revoked,
    log: (line) => api.juju.log('WARNING', line),
  });
  api.data.set(STARTED, true);
}

/** What serves now is told to proxies, monitoring, handlers and the operator, whatever was wanted. */
async function showWorld(look: Look, options: Options, prepared: Prepared | undefined): Promise<Watched | undefined> {
  const { api, yaml, relations, problems } = look;
  const handedOver = relations['wsgi-file'].length > 0;
  const served = await readServed(api.machine);
  const port = handedOver ? prepared && options.port : servedPort(served, options.port);
  publishServing(api.juju, relations, { port, healthPath: options.health_path });
  publishPort(api, port);
  await attempt(problems, () => updateMonitoring(api, relations, options));
  const paths = await attempt(problems, () => tidy(api, { yaml, options, prepared, served }));
  const { flags } = api;
  flags.toggle('website.available', relations.website.length > 0);
  flags.toggle('wsgi.configured', prepared !== undefined || port !== undefined);
  flags.toggle('wsgi.ready', prepared !== undefined);
  flags.toggle('wsgi.active', port !== undefined);
  const active = port === undefined ? undefined : activeLine(prepared?.label, port, handedOver);
  return conclude(
    api,
    problems,
    active,
    paths && { endpoints: RELATIONS, paths, pid: handedOver ? undefined : served.pid },
  );
}

/** The port that proxies should use: the wanted one, or while it cannot be had the one that still serves. */
function servedPort(served: Served, wanted: number): number | undefined {
  if (served.pid === undefined) return undefined;
  const open = served.sockets.filter((socket) => socket.active).map((socket) => socket.port);
  return open.includes(wanted) ? wanted : open[0];
}

/** Says how it stands, and last of all the flag from which an author's handlers say it their own way. */
function conclude(
  api: WsgiApi,
  problems: readonly Problem[],
  active: Verdict | undefined,
  outcome: Watched | undefined,
): Watched | undefined {
  const verdict = verdictOf(problems) ?? active ?? { status: 'waiting', message: 'the application is not running' };
  rememberVerdict(api.juju, api.data, verdict);
  for (const problem of problems) api.juju.debug(`${problem.status}: ${problem.message}`);
  api.flags.toggle('wsgi.available', api.flags.isSet('wsgi.active'));
  return verdict.status === 'active' ? outcome : undefined;
}

/** Runs a step; what the operator can mend is noted, and the steps that do not need it go on. */
async function attempt<T>(problems: Problem[], step: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof Problem) problems.push(error);
    else problems.push(new Problem('blocked', mendable(error)));
    return undefined;
  }
}

/** What a disk or the machine refuses, the operator can mend; anything else is a mistake of ours, and thrown on. */
function mendable(error: unknown): string {
  if (error instanceof MachineError) return error.message;
  const code = errorCode(error);
  if (code === undefined || !DISK.has(code)) throw error;
  return error instanceof Error ? error.message : code;
}

/** The hooks stop and remove. Either may be the only one of them that runs. */
async function leave(api: WsgiApi): Promise<undefined> {
  const foreign: Problem[] = [];
  await attempt(foreign, () => checkOwner(api));
  publishServing(api.juju, observe(api.juju, RELATIONS), { port: undefined, healthPath: undefined });
  publishPort(api, undefined);
  if (foreign.length === 0 && api.event.name === 'remove') {
    await removeMonitoring(api);
    await removeAll(api.machine);
  } else if (foreign.length === 0) {
    await stopForGood(api.machine);
  }
  api.data.unset(STARTED);
  for (const flag of ['wsgi.active', 'wsgi.available']) api.flags.clear(flag);
  rememberVerdict(api.juju, api.data, { status: 'waiting', message: 'stopped' });
  return undefined;
}
