/**
 * The whole story of a look: something may have changed, so what is wanted is compared with what serves, and the difference
 * closed. Every step looks before it acts, so that the next hook, whichever it is, completes what a killed one began.
 */
import type { WsgiApi } from './api.ts';
import { type Prepared, prepare } from './app/prepare.ts';
import { pruneUnused } from './app/virtual-environment.ts';
import type { Options } from './config/options.ts';
import { type WsgiYaml, withDataPaths, wsgiYamlOf } from './config/wsgi-yaml.ts';
import { FLEET_ACTIONS } from './fleet/actions.ts';
import { FLEET } from './fleet/peer.ts';
import { type Change, changeName, inTurn, needsFleet, partOf, reportFailure } from './fleet/rollout.ts';
import { recordApplicationProcess } from './memory/application-process.ts';
import {
  changedOptions,
  readLastServed,
  recordServed,
  recordStopped,
  servedOptions,
  typedOptions,
} from './memory/last-served.ts';
import { noteProblems } from './memory/problems.ts';
import { rememberUnchanged, type Watched } from './memory/unchanged.ts';
import { rememberFiles, rememberSource } from './memory/written-files.ts';
import { observeApplication, type WatchedExporter } from './metrics/observe.ts';
import { type ExporterPorts, exporterPorts, statsdHost } from './metrics/ports.ts';
import { checkOwner } from './owner.ts';
import { removeProcesses, stopProcesses } from './processes/replace.ts';
import { leaveToLeader, lineOf, watchProcesses } from './processes/watch.ts';
import { isLeaving, withdraw } from './publish/leaving.ts';

import { removeMonitoring, updateMonitoring } from './publish/monitoring.ts';
import { publishPort } from './publish/port.ts';
import { isRevoked, needsProxy, readConnections } from './relations/connections.ts';
import { observe, type Relations } from './relations/databags.ts';
import { unitFacts } from './relations/facts.ts';
import { askRelations, NOTHING_SERVED, publishServing } from './relations/requests.ts';
import { RELATIONS } from './relations/table.ts';
import { servePrepared } from './serve.ts';
import { stillServes } from './service/health.ts';
import { removeAll, removeExporter, removeOrphan, stopForGood, sweep } from './service/remove.ts';
import { stopServing } from './service/replace.ts';
import { addressOf, hasEnded, madeFiles, openPort, readServed, type Served } from './service/state.ts';
import type { Tried } from './service/trial.ts';
import { servesChosen } from './source/builds.ts';
import { undoChoice } from './source/choose-here.ts';
import { readLedger, rollbackOf, servedLabel } from './source/ledger.ts';
import { leftBehind } from './source/left-behind.ts';
import { unpackBuildResource } from './source/resource.ts';
import { resourceProblem } from './source/resource-state.ts';
import { activeLine, attempt, type Problem, rememberVerdict, type Verdict, verdictOf } from './status.ts';
import { wantedFiles } from './unit/desired-service.ts';

export { act } from './actions.ts';

/** Looks once. An action that does not come to serve what it was asked to serve fails, and its choice of a build is undone. */
export async function reconcile(api: WsgiApi): Promise<void> {
  const { event, juju } = api;
  const verdict = await look(api);
  if (event.kind !== 'action' || FLEET_ACTIONS.has(event.name)) return;
  if (verdict.status === 'active') return juju.actionResult({ result: verdict.message });
  juju.actionFail(verdict.message);
  if (undoChoice(api)) await look(api);
}

/** Unpacks the `build` resource where code is served in place. */
export function takeBuildResource(api: WsgiApi): Promise<void> {
  return unpackBuildResource(api, (root) => servedOptions(readLastServed(api), root)?.data_paths ?? []);
}

async function look(api: WsgiApi): Promise<Verdict> {
  if (api.event.name === 'stop' || api.event.name === 'remove') return leave(api);
  if (isLeaving(api)) return withdraw(api);
  const problems: Problem[] = [];
  const decision = await decide(api, problems);
  if (decision === undefined) return report(api, problems, undefined);
  const serving = await bringUp(decision);
  const published = await publish(decision, serving);
  const watched = await attempt(problems, () => record(decision, serving));
  const observed = await attempt(problems, () => observeServing(decision, serving));
  return report(api, problems, published, watched && observed && withExporter(watched, observed));
}

/** What is wanted, what served last, and what serves now. */
interface Decision {
  readonly api: WsgiApi;
  readonly yaml: WsgiYaml;
  readonly relations: Relations;
  /** The options as they are typed, and as they were when it served last; undefined where they are wrong, or there are none. */
  readonly typed: Options | undefined;
  readonly last: Options | undefined;
  readonly served: Served;
  /** Where requests are counted; undefined where no relation asks for it. */
  readonly ports: ExporterPorts | undefined;
  /** What is to be said to the operator. */
  readonly problems: Problem[];
}

/** @returns undefined where the charm itself is wrong, or the machine is not ours */
async function decide(api: WsgiApi, problems: Problem[]): Promise<Decision | undefined> {
  const relations = observe(api.juju, RELATIONS);
  const yaml = await attempt(problems, () => wsgiYamlOf(api));
  const owns = await attempt(problems, () => checkOwner(api));
  const left = owns && (await attempt(problems, () => removeOrphan(api)));
  if (left) await attempt(problems, () => removeProcesses(api.machine));
  if (yaml === undefined || owns === undefined) return undefined;
  problems.push(...resourceProblem(api.data));
  await leaveToLeader(api);
  if (api.interrupted) await sweep(api.machine, yaml.application_root);
  const typed = await attempt(problems, () => typedOptions(api.juju.config(), yaml.application_root));
  const last = servedOptions(readLastServed(api), yaml.application_root);
  const ports = await attempt(problems, () => exporterPorts(api.data, relations));
  return { api, yaml, relations, typed, last, served: await readServed(api.machine), ports, problems };
}

/** One way to serve. */
interface Goal {
  readonly options: Options;
  readonly build: 'wanted' | 'served';
  /** Where it is noted why this could not be had. */
  readonly failures: Problem[];
}

/**
 * What is wanted now; where that cannot be had, what served last, so that a password that changed meanwhile still reaches it.
 * The second is asked for after the first was prepared, which may have installed a build.
 */
function* goals({ api, typed, last, problems }: Decision): Generator<Goal> {
  if (typed !== undefined) yield { options: typed, build: 'wanted', failures: problems };
  if (last === undefined) return;
  const unchanged = changedOptions(readLastServed(api), api.juju.config())?.length === 0;
  if (typed !== undefined && unchanged && servesChosen(api.data, typed)) return;
  yield { options: last, build: 'served', failures: [] };
}

/** What came to serve as wanted, or as before, and what serves now in any case. */
interface Serving {
  readonly goal: Goal | undefined;
  readonly prepared: Prepared | undefined;
  readonly served: Served;
  /** What is to be said after the active line: a release that waits for its turn. */
  readonly line: string | undefined;
  /** The release that came to serve. */
  readonly release: string | undefined;
}

/** What a change is called, and whether it may wait for its turn. */
function changeOf({ api }: Decision, { source, connections, desired, provisioning }: Prepared): Change {
  const last = readLastServed(api);
  const changed = changedOptions(last, api.juju.config()) ?? [];
  const label = servedLabel(api.data);
  const name = changeName({ label, newLabel: source.label, options: changed });
  // A change of the charm alone leaves no older options to go back to, so that new credentials would wait with it.
  const urgent = changed.length === 0 && JSON.stringify(connections.answers) !== JSON.stringify(last.answers);
  const provision = provisioning.command === undefined ? undefined : provisioning.words;
  return { desired: desired(), name, provision, urgent };
}

/** Prepares the application and serves it. */
async function bringUp(decision: Decision): Promise<Serving> {
  const { api, yaml, relations, problems } = decision;
  let served: Served | undefined = decision.served;
  let line: string | undefined;
  for (const goal of goals(decision)) {
    const { options, build, failures } = goal;
    const before: Served = served ?? (await readServed(api.machine));
    const prepared: Prepared | undefined = await attempt(failures, async () => {
      const facts = unitFacts(api, options);
      const connections = await readConnections(facts, relations, readLastServed(api).answers);
      const held = askRelations(facts, relations, connections.variables);
      if (build === 'wanted') problems.push(...held);
      return prepare(api, {
        yaml: withDataPaths(yaml, options.data_paths),
        options,
        relations,
        connections,
        statsd: statsdHost(decision.ports),
        served: before,
        build,
        problems,
      });
    });
    const inFleet = build === 'wanted' && options.wsgi_module !== undefined;
    const part = inFleet ? await partOf(api, options, prepared?.source.digest, before) : undefined;
    if (prepared === undefined) {
      const failure = failures.at(-1);
      if (part !== undefined && failure !== undefined) reportFailure(part, failure, 'preparation');
      continue;
    }
    // Preparing may have taken minutes, and the command may have done anything.
    const now = prepared.provisioned || hasEnded(before) ? await readServed(api.machine) : before;
    const handOver = (tried?: Tried) => servePrepared(api, relations, options, prepared, now, problems, tried);
    if (part === undefined) served = await attempt(failures, () => handOver());
    else {
      const change = await attempt(failures, () => changeOf(decision, prepared));
      const turn = change && (await inTurn(part, failures, change, handOver));
      served = turn?.served;
      line = turn?.line ?? line;
    }
    if (served !== undefined) return { goal, prepared, served, line, release: part?.releases.own };
  }
  if (isRevoked(relations, readLastServed(api).answers)) {
    await stopServing(api.machine);
    recordStopped(api);
    served = undefined;
  }
  served ??= await readServed(api.machine);
  return { goal: undefined, prepared: undefined, served, line, release: undefined };
}

/** Tells proxies, monitoring and handlers what serves now, whatever was wanted. Returns the active line, if any. */
async function publish(
  { api, yaml, relations, typed, last, problems }: Decision,
  { prepared, served, line }: Serving,
): Promise<Verdict | undefined> {
  const { juju, flags } = api;
  const options = typed ?? last;
  if (options === undefined) {
    publishServing(juju, relations, NOTHING_SERVED);
    return undefined;
  }
  const handedOver = relations['wsgi-file'].length > 0;
  const webless = options.wsgi_module === undefined;
  const port = handedOver ? prepared && options.port : await portInUse(api, options, served, prepared !== undefined);
  // What an identity provider gives needs the URL of a proxy, which gives it only to who has asked.
  const early = !webless && needsProxy(relations) ? options.port : undefined;
  publishServing(juju, relations, { port, proxiedPort: port ?? early, healthPath: options.health_path });
  publishPort(api, port);
  const runs = webless && prepared !== undefined ? lineOf(prepared.processes, juju) : undefined;
  await attempt(problems, () => updateMonitoring(api, relations, options, served));
  if (prepared?.venv.gunicorn !== undefined) juju.setApplicationVersion(`gunicorn ${prepared.venv.gunicorn}`);
  flags.toggle('website.available', relations.website.length > 0);
  flags.toggle('wsgi.configured', prepared !== undefined || port !== undefined);
  flags.toggle('wsgi.ready', prepared !== undefined || line !== undefined);
  const runsOn = webless && prepared === undefined && flags.isSet('wsgi.active');
  flags.toggle('wsgi.active', port !== undefined || runs !== undefined || runsOn);
  if (port === undefined) return runs;
  const { data_paths } = withDataPaths(yaml, options.data_paths);
  const behind = prepared && leftBehind(api.data, prepared.source.folder, data_paths);
  const from = rollbackOf(readLedger(api.data), options.current_symlink);
  const alone = from === undefined ? undefined : `rolled back from ${from} on this unit alone`;
  const remarks = [line ?? alone, line === undefined ? behind : undefined].filter((each) => each !== undefined);
  const label = prepared?.source.label ?? servedLabel(api.data);
  return activeLine(label, port, handedOver, remarks.join('; ') || undefined);
}

/** The port on which the application answers: it was asked when it came to serve in this look, and is asked now otherwise. */
async function portInUse(
  { machine }: WsgiApi,
  { port, health_path: healthPath, settle_time: settleTime }: Options,
  served: Served,
  answered: boolean,
): Promise<number | undefined> {
  const open = openPort(served, port);
  const address = open === undefined ? undefined : addressOf(served, open);
  if (answered || address === undefined) return open;
  return (await stillServes(machine, served, address, { healthPath, settleTime })).ok ? open : undefined;
}

/** Records what came to serve. Returns what the next hook compares with before it looks at everything again. */
async function record(
  { api, yaml, relations, typed, last }: Decision,
  { goal, prepared, served, release }: Serving,
): Promise<Watched | undefined> {
  const handedOver = relations['wsgi-file'].length > 0;
  if (goal !== undefined && prepared !== undefined) {
    const before = readLastServed(api);
    recordServed(api, {
      config: goal.build === 'wanted' ? api.juju.config() : before.config,
      answers: prepared.connections.answers,
      source: prepared.source.digest,
      started: before.started || !handedOver,
      release: release ?? before.release,
    });
    if (!handedOver) recordApplicationProcess(api, prepared.desired().process);
    rememberFiles(api.data, handedOver ? new Map() : wantedFiles(prepared.desired()));
    rememberSource(api.data, prepared.source, prepared.provisioned);
    await pruneUnused(api, yaml.application_root, prepared.source, prepared.venv);
  }
  const options = typed ?? last;
  if (options === undefined) return undefined;
  const processes = await watchProcesses(api, prepared?.processes ?? []);
  return {
    endpoints: { ...RELATIONS, [FLEET]: { reads: needsFleet(options) ? 'databags' : 'presence' } },
    paths: [...madeFiles(served, options), ...(prepared?.watched ?? []), ...processes.paths],
    pid: handedOver ? undefined : served.pid,
    processes: processes.pids,
    leads: processes.leads,
  };
}

/** Shows an agent how the application does; what it shows is recorded by now. */
function observeServing({ api, relations, ports }: Decision, { goal, prepared }: Serving): Promise<WatchedExporter> {
  const came = goal && prepared && { prepared, options: goal.options };
  return observeApplication(api, relations, ports, came);
}

function withExporter(watched: Watched, { paths, pids }: WatchedExporter): Watched {
  return { ...watched, paths: [...watched.paths, ...paths], processes: [...watched.processes, ...pids] };
}

/** Says how it stands, and sets last the flag at which an author's handlers set a line of their own. */
function report(
  api: WsgiApi,
  problems: readonly Problem[],
  active: Verdict | undefined,
  watched?: Watched | undefined,
): Verdict {
  const verdict = verdictOf(problems) ?? active ?? { status: 'waiting', message: 'the application is not running' };
  rememberVerdict(api.juju, api.data, verdict);
  noteProblems(api.data, problems);
  for (const problem of problems) api.juju.debug(`${problem.status}: ${problem.message}`);
  api.flags.toggle('wsgi.available', api.flags.isSet('wsgi.active'));
  rememberUnchanged(api, verdict.status === 'active' ? watched : undefined);
  return verdict;
}

/** The hooks stop and remove. Either may be the only one of them that runs. */
async function leave(api: WsgiApi): Promise<Verdict> {
  const foreign: Problem[] = [];
  await attempt(foreign, () => checkOwner(api));
  publishServing(api.juju, observe(api.juju, RELATIONS), NOTHING_SERVED);
  publishPort(api, undefined);
  if (foreign.length === 0 && api.event.name === 'remove') {
    await removeMonitoring(api);
    await removeProcesses(api.machine);
    await removeAll(api.machine);
  } else if (foreign.length === 0) {
    await stopProcesses(api.machine);
    await removeExporter(api.machine);
    await stopForGood(api.machine);
  }
  recordStopped(api);
  for (const flag of ['wsgi.active', 'wsgi.available']) api.flags.clear(flag);
  const verdict: Verdict = { status: 'waiting', message: 'stopped' };
  rememberVerdict(api.juju, api.data, verdict);
  rememberUnchanged(api, undefined);
  return verdict;
}
