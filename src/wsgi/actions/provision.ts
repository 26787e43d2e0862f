import type { WsgiApi } from '../api.ts';
import { prepare } from '../app/prepare.ts';
import { runProvision } from '../app/provision.ts';
import { wsgiYamlOf } from '../config/wsgi-yaml-file.ts';
import { servedOptions } from '../memory/last-served.ts';
import { observeRelations } from '../relations/databags.ts';
import { Problem } from '../status.ts';

/** Bytes of output that a result carries; the end is what tells. */
const SHOWN = 8000;

/** Runs provision_command in the build that serves, whatever has changed. */
export async function provisionNow(api: WsgiApi): Promise<boolean> {
  const { juju, machine, keep } = api;
  try {
    const yaml = wsgiYamlOf(api);
    const options = servedOptions(keep, yaml.application_root);
    if (options === undefined) throw new Problem('blocked', 'the application has not been served yet');
    if (options.provision_command === undefined) throw new Problem('blocked', 'provision_command is not set');
    const relations = observeRelations(juju);
    const { run } = await prepare(api, { yaml, options, relations, problems: [], build: 'served' });
    const result = await runProvision(machine, options.provision_command, run);
    juju.actionResult({ output: result.output.slice(-SHOWN) });
    if (!result.ok) juju.actionFail(`provision_command: ${result.reason}`);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    juju.actionFail(error.message);
  }
  return false;
}
