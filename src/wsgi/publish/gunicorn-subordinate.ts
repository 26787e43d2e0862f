/** The application in the hands of a gunicorn subordinate (wsgi-file), and back. */
import { listDirectory, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import type { Prepared } from '../app/prepare.ts';
import type { Options } from '../config/options.ts';
import { WSGI_FILE_CONFIG } from '../paths.ts';
import type { Relations } from '../relations/databags.ts';
import { stopForGood } from '../service/remove.ts';
import { readServed } from '../service/state.ts';
import { believedProxies } from '../unit/desired-service.ts';
import { wsgiFileConfig, wsgiFileDatabag } from './wsgi-file-databag.ts';

/**
 * Stops our own service, so that its port is free, and tells the subordinate how to run the application. It is told anew
 * whenever something has changed, and restarts then.
 */
export async function handOver(
  { machine, juju }: WsgiApi,
  relations: Relations,
  options: Options,
  { wanted, source, account, venv, environment }: Prepared,
): Promise<void> {
  const served = await readServed(machine);
  if (served.enabled || served.pid !== undefined || served.sockets.some(({ active }) => active))
    await stopForGood(machine);
  const config = wsgiFileConfig(options, environment, believedProxies(options, relations));
  await writeFile(machine, WSGI_FILE_CONFIG, config, { mode: 0o640, group: account.group });
  const databag = wsgiFileDatabag({
    project: juju.unit.application,
    options,
    workingDirectory: machine.path(source.folder),
    pythonPath: (await sitePackages(machine, venv.path)).map((path) => machine.path(path)),
    user: account.user,
    group: account.group,
    config: machine.path(WSGI_FILE_CONFIG),
    logFile: options.wsgi_logfile_path === undefined ? undefined : machine.path(options.wsgi_logfile_path),
    generation: wanted.generation,
  });
  for (const { id } of relations['wsgi-file']) juju.relationSet(id, databag);
}

/** Takes away what only a subordinate needs; the databag went with the relation. */
export async function takeBack({ machine }: WsgiApi): Promise<void> {
  await removeFile(machine, WSGI_FILE_CONFIG);
}

/** Where the packages of a virtual environment are. */
async function sitePackages(machine: Machine, venv: string): Promise<string[]> {
  const names = (await listDirectory(machine, `${venv}/lib`)).filter((name) => name.startsWith('python'));
  return names.map((name) => `${venv}/lib/${name}/site-packages`);
}
