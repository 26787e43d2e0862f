/** Tells the outside what serves now: proxies, monitoring, and the flags that handlers wait for. */
import type { WsgiApi } from './api.ts';
import type { Options } from './config/options.ts';
import { withDataPaths } from './config/wsgi-yaml.ts';
import type { Decision } from './decide.ts';
import { lineOf } from './processes/watch.ts';
import { updateMonitoring } from './publish/monitoring.ts';
import { publishPort } from './publish/port.ts';
import { needsProxy } from './relations/connections.ts';
import { NOTHING_SERVED, publishServing } from './relations/requests.ts';
import type { Serving } from './serve.ts';
import { stillServes } from './service/health.ts';
import { addressOf, openPort, type Served } from './service/state.ts';
import { readLedger, rollbackOf, servedLabel } from './source/ledger.ts';
import { leftBehind } from './source/left-behind.ts';
import { activeLine, attempt, type Verdict } from './status.ts';

/** Tells proxies, monitoring and handlers what serves now, whatever was wanted. Returns the active line, if any. */
export async function publish(
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
