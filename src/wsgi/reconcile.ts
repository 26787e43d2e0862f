/**
 * The whole story of a look: something may have changed, so what is wanted is compared with what serves, and the difference
 * closed. Every step looks before it acts, so that the next hook, whichever it is, completes what a killed one began.
 */
import type { WsgiApi } from './api.ts';
import { type Prepared, prepare } from './app/prepare.ts';
import { withDataPaths } from './config/wsgi-yaml.ts';
import { changeOf, type Decision, decide, goals } from './decide.ts';
import { FLEET_ACTIONS } from './fleet/actions.ts';
import { inTurn, partOf, reportFailure } from './fleet/rollout.ts';
import { leave } from './leave.ts';
import { readLastServed, recordStopped, servedOptions } from './memory/last-served.ts';
import { noteProblems } from './memory/problems.ts';
import { rememberUnchanged, type Watched } from './memory/unchanged.ts';
import { observeApplication, type WatchedExporter } from './metrics/observe.ts';
import { statsdHost } from './metrics/ports.ts';
import { isLeaving, withdraw } from './publish/leaving.ts';
import { publish } from './publish-served.ts';
import { record } from './record.ts';
import { isRevoked, readConnections } from './relations/connections.ts';
import { unitFacts } from './relations/facts.ts';
import { askRelations } from './relations/requests.ts';
import { type Serving, servePrepared } from './serve.ts';
import { stopServing } from './service/replace.ts';
import { hasEnded, readServed, type Served } from './service/state.ts';
import type { Tried } from './service/trial.ts';
import { undoChoice } from './source/choose-here.ts';
import { unpackBuildResource } from './source/resource.ts';
import { attempt, type Problem, rememberVerdict, type Verdict, verdictOf } from './status.ts';

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
