/** What is loaded only when something must be done. */
import { act } from './actions/index.ts';
import type { WsgiApi } from './api.ts';
import { lastVerdict } from './finish.ts';
import type { Outcome } from './memory/unchanged.ts';
import { converge as look } from './reconcile.ts';
import { readLedger, writeLedger } from './source/ledger.ts';
import { takeBuildResource } from './source/resource.ts';

export { act, takeBuildResource };

/** One look at everything. An action that does not come to serve what it was asked to fails, and is taken back. */
export async function converge(api: WsgiApi): Promise<Outcome | undefined> {
  const { event, data, juju } = api;
  const outcome = await look(api);
  if (event.kind !== 'action') return outcome;
  const verdict = lastVerdict(data);
  if (verdict === undefined || verdict.status === 'active') {
    juju.actionResult({ result: verdict?.message ?? 'done' });
    return outcome;
  }
  juju.actionFail(verdict.message);
  if (event.name !== 'set-current-symlink') return outcome;
  const { override: _, ...ledger } = readLedger(data);
  writeLedger(data, ledger);
  return look(api);
}
