/** Records a look that came to serve, once, and what the next hook compares with before it looks again. */
import type { WsgiApi } from './api.ts';
import { pruneUnused } from './app/virtual-environment.ts';
import type { Options } from './config/options.ts';
import type { Decision } from './decide.ts';
import { FLEET } from './fleet/peer.ts';
import { needsFleet } from './fleet/rollout.ts';
import { recordApplicationProcess } from './memory/application-process.ts';
import { readLastServed, recordServed } from './memory/last-served.ts';
import type { Watched } from './memory/unchanged.ts';
import { rememberFiles, rememberSource } from './memory/written-files.ts';
import { watchProcesses } from './processes/watch.ts';
import type { Reads } from './relations/databags.ts';
import { RELATIONS } from './relations/table.ts';
import type { Serving } from './serve.ts';
import { madeFiles } from './service/state.ts';
import { wantedFiles } from './unit/desired-service.ts';

/** Records what came to serve. Returns what the next hook compares with before it looks at everything again. */
export async function record(
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
    endpoints: { ...RELATIONS, [FLEET]: { reads: readsOfFleet(api, options) } },
    paths: [...madeFiles(served, options), ...(prepared?.watched ?? []), ...processes.paths],
    pid: handedOver ? undefined : served.pid,
    processes: processes.pids,
    leads: processes.leads,
  };
}

/** The leader decides from what all units say; the others do what it says. */
function readsOfFleet({ juju }: WsgiApi, options: Options): Reads['reads'] {
  if (!needsFleet(options)) return 'presence';
  return juju.isLeader() ? 'databags' : 'application';
}
