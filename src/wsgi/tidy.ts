/** What is kept up besides the service itself: log rotation, virtual environments, the version that Juju shows. */
import * as z from 'zod/mini';
import type { Data } from '../reactive/types.ts';
import { pruneVenvs } from '../system/venv.ts';
import type { WsgiApi } from './api.ts';
import type { Prepared } from './app/prepare.ts';
import type { Options } from './config/options.ts';
import type { WsgiYaml } from './config/wsgi-yaml.ts';
import { DROP_INS, environmentPath, LOG_ROTATION, SERVICE, socketUnit, UNITS, VENVS } from './paths.ts';
import type { Served } from './service/state.ts';
import { readLedger } from './source/ledger.ts';

const KEY = 'wsgi.venvs';
const Uses = z.array(z.object({ folder: z.string(), key: z.string() }));
/** Environments kept for code that is served in place, so that going back to earlier requirements costs no pip run. */
const KEPT_IN_PLACE = 3;

interface Tidy {
  readonly yaml: WsgiYaml;
  readonly options: Options;
  readonly prepared: Prepared | undefined;
  readonly served: Served;
}

/** @returns the files that were made, or that an operator may put beside them: a change of one is looked at */
export async function tidy(api: WsgiApi, { yaml, options, prepared, served }: Tidy): Promise<string[]> {
  const { machine, juju, data } = api;
  if (prepared !== undefined) {
    await pruneVenvs(machine, VENVS, usedVenvs(data, yaml.application_root, prepared));
    if (prepared.venv.gunicorn !== undefined) juju.setApplicationVersion(`gunicorn ${prepared.venv.gunicorn}`);
  }
  const { generation, sockets } = served;
  return [
    `${UNITS}/${SERVICE}`,
    DROP_INS,
    ...sockets.map(({ port }) => `${UNITS}/${socketUnit(port)}`),
    ...(generation === undefined ? [] : [environmentPath(generation)]),
    ...(options.wsgi_logfile_path === undefined ? [] : [LOG_ROTATION]),
  ];
}

/** The environments of the builds that are installed, and of what served in place before. */
function usedVenvs(data: Data, root: string, { source, venv }: Prepared): string[] {
  const parsed = Uses.safeParse(data.get(KEY));
  const folders = new Set(readLedger(data).builds.map(({ folder }) => `${root}/${folder}`));
  const before = (parsed.success ? parsed.data : []).filter(
    (use) => use.key !== venv.key || use.folder !== source.folder,
  );
  const builds = before.filter(({ folder }) => folders.has(folder));
  const inPlace = before.filter(({ folder }) => folder === root).slice(-KEPT_IN_PLACE);
  const uses = [...builds, ...inPlace, { folder: source.folder, key: venv.key }];
  data.set(KEY, uses);
  return uses.map(({ key }) => key);
}
