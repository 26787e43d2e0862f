/** The end of a unit: what it published, its service and its files. */
import type { WsgiApi } from './api.ts';
import { recordStopped } from './memory/last-served.ts';
import { rememberUnchanged } from './memory/unchanged.ts';
import { checkOwner } from './owner.ts';
import { removeProcesses, stopProcesses } from './processes/replace.ts';
import { removeMonitoring } from './publish/monitoring.ts';
import { publishPort } from './publish/port.ts';
import { observe } from './relations/databags.ts';
import { NOTHING_SERVED, publishServing } from './relations/requests.ts';
import { RELATIONS } from './relations/table.ts';
import { removeAll, removeExporter, stopForGood } from './service/remove.ts';
import { attempt, type Problem, rememberVerdict, type Verdict } from './status.ts';

/** The hooks stop and remove. Either may be the only one of them that runs. */
export async function leave(api: WsgiApi): Promise<Verdict> {
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
