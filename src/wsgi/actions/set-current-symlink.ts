import * as z from 'zod/mini';
import type { WsgiApi } from '../api.ts';
import { hasBuilds } from '../source/builds.ts';
import { installedLabels, readLedger, writeLedger } from '../source/ledger.ts';

const Params = z.object({ label: z.string() });

/**
 * Serves another build on this unit alone, until `current_symlink` changes. The label is the action's parameter, or the
 * variable CURRENT_SYMLINK where somebody runs the script by hand.
 */
export function setCurrentSymlink(api: WsgiApi): boolean {
  const { juju, data } = api;
  if (!hasBuilds) {
    juju.actionFail('this charm installs no builds by label; its own handlers provide the application');
    return false;
  }
  const label = givenLabel(api);
  const ledger = readLedger(data);
  const labels = installedLabels(ledger);
  if (label === undefined) {
    juju.actionFail(`no label is given; give one of ${labels.join(', ')}, or latest`);
    return false;
  }
  if (label !== 'latest' && !labels.includes(label)) {
    juju.actionFail(`there is no build ${label} on this unit; installed: ${labels.join(', ')}`);
    return false;
  }
  const during = String(juju.config().current_symlink ?? 'latest');
  writeLedger(data, { ...ledger, override: { label, during } });
  return true;
}

function givenLabel({ juju, env }: WsgiApi): string | undefined {
  const params = Params.safeParse(juju.actionParams());
  if (params.success) return params.data.label;
  // Only under `juju exec` is the variable the operator's own: a real action says it all in its parameters.
  return juju.event.action?.tag === '' ? env.CURRENT_SYMLINK : undefined;
}
