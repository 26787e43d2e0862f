/** The actions that have this unit alone serve another build: set-current-symlink and rollback. */
import * as z from 'zod/mini';
import type { WsgiApi } from '../api.ts';
import { hasBuilds } from './builds.ts';
import { installedLabels, type Override, readLedger, rolledBack, setOverride } from './ledger.ts';

/** What the unit was told before the action of this hook, in case the new choice does not come to serve. */
const before = new WeakMap<WsgiApi['juju'], { readonly override: Override | undefined }>();

function choose({ juju, data }: WsgiApi, override: Override): void {
  before.set(juju, { override: readLedger(data).override });
  setOverride(data, override);
}

/** Takes the choice of this hook's action back. Returns whether there was one. */
export function undoChoice({ juju, data }: WsgiApi): boolean {
  const told = before.get(juju);
  if (told === undefined) return false;
  setOverride(data, told.override);
  return true;
}

const LabelParams = z.object({ label: z.string() });

/**
 * Serves another build on this unit alone, until `current_symlink` changes. The label is the action's parameter, or the
 * variable CURRENT_SYMLINK where somebody runs the script by hand.
 */
export function setCurrentSymlink(api: WsgiApi): boolean {
  const { juju, data } = api;
  if (!installsBuilds(api)) return false;
  const label = givenLabel(api);
  const labels = installedLabels(readLedger(data));
  if (label === undefined) {
    juju.actionFail(`no label is given; give one of ${labels.join(', ')}, or latest`);
    return false;
  }
  if (label !== 'latest' && !labels.includes(label)) {
    juju.actionFail(`there is no build ${label} on this unit; installed: ${labels.join(', ')}`);
    return false;
  }
  choose(api, { label, during: currentSymlink(api) });
  return true;
}

/** Serves the build that served before, on this unit alone; the next time, the one before that. */
export function rollback(api: WsgiApi): boolean {
  const { juju, data } = api;
  if (!installsBuilds(api)) return false;
  const ledger = readLedger(data);
  const override = rolledBack(ledger, currentSymlink(api));
  if (override === undefined) {
    const served = ledger.builds.find(({ folder }) => folder === ledger.served.at(-1));
    const what = served === undefined ? 'any' : served.label;
    juju.actionFail(
      `no build that served before ${what} is installed on this unit; builds_to_keep says how many stay, list-builds which`,
    );
    return false;
  }
  choose(api, override);
  return true;
}

function installsBuilds({ juju }: WsgiApi): boolean {
  if (hasBuilds) return true;
  juju.actionFail('this charm installs no builds by label; its own handlers provide the application');
  return false;
}

function currentSymlink({ juju }: WsgiApi): string {
  return String(juju.config().current_symlink ?? 'latest');
}

function givenLabel({ juju, env }: WsgiApi): string | undefined {
  const params = LabelParams.safeParse(juju.actionParams());
  if (params.success) return params.data.label;
  // Only under `juju exec` is the variable the operator's own: a real action says it all in its parameters.
  return juju.event.action?.tag === '' ? env.CURRENT_SYMLINK : undefined;
}
