/** Serves what was prepared: as a service of our own, or in the hands of a gunicorn subordinate. */
import type { WsgiApi } from './api.ts';
import type { Prepared } from './app/prepare.ts';
import { mendOfReadOnly } from './app/read-only.ts';
import type { Options } from './config/options.ts';
import { readLastServed } from './memory/last-served.ts';
import { handOver, takeBack } from './publish/gunicorn-subordinate.ts';
import type { Relations } from './relations/databags.ts';
import { SandboxRefused, serve } from './service/serve.ts';
import type { Served } from './service/state.ts';
import { Problem } from './status.ts';
import { UNSANDBOXED } from './unit/desired-service.ts';

/**
 * @param before what serves before
 * @returns what serves then
 * @throws Problem that says why it does not serve
 */
export async function servePrepared(
  api: WsgiApi,
  relations: Relations,
  options: Options,
  prepared: Prepared,
  before: Served,
): Promise<Served> {
  let served: Served;
  try {
    if (relations['wsgi-file'].length > 0) served = await handOver(api, relations, options, prepared, before);
    else served = await serveHere(api, prepared, before);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    const mend = mendOfReadOnly(api.machine, error.message, prepared.source.folder, options.data_paths);
    const more = prepared.provisioned ? ' (provision_command had run)' : '';
    throw more === '' && mend === '' ? error : new Problem(error.status, `${error.message}${mend}${more}`);
  }
  await prepared.makeCurrent();
  return served;
}

async function serveHere(api: WsgiApi, { desired, connections }: Prepared, before: Served): Promise<Served> {
  const { machine, juju, event, data } = api;
  await takeBack(api);
  const options = {
    startedBefore: readLastServed(api).started,
    startStopped: event.kind === 'action' || event.name === 'start' || event.name === 'upgrade-charm',
    revoked: connections.revoked,
    log: (line: string) => juju.log('WARNING', line),
  };
  try {
    return await serve(machine, desired(), before, options);
  } catch (error) {
    if (!(error instanceof SandboxRefused) || data.get(UNSANDBOXED) === true) throw error;
    juju.log('WARNING', `this machine refuses the service its sandbox, so it runs without: ${error.message}`);
    data.set(UNSANDBOXED, true);
    return serve(machine, desired(), before, options);
  }
}
