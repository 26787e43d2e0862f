/** Hands the application to a gunicorn subordinate (endpoint wsgi-file, interface wsgi), and takes it back. */
import type { Databag } from '../../juju/types.ts';
import { listDirectory, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import type { WsgiApi } from '../api.ts';
import type { Prepared } from '../app/prepare.ts';
import type { Variables } from '../config/environment-variables.ts';
import { moduleText } from '../config/names.ts';
import type { Options } from '../config/options.ts';
import { LENDER_ADDRESS, WSGI_FILE_CONFIG } from '../paths.ts';
import type { Relations } from '../relations/databags.ts';
import { isLent, lendPort, reclaimPort } from '../service/lender.ts';
import { stopForGood } from '../service/remove.ts';
import { readServed, type Served } from '../service/state.ts';
import { believedProxies } from '../unit/desired-service.ts';
import { gunicornConfig } from '../unit/gunicorn.ts';
import { subordinateSettings } from '../unit/gunicorn-settings.ts';
import type { StaticFiles } from '../unit/static-files.ts';
import type { DesiredService } from '../unit/unit-file.ts';

/**
 * Lends our port to the subordinate, and tells it how to run the application. Our own service goes on until the subordinate
 * serves; where it cannot, because it has another port or credentials that are gone, it is stopped before. The subordinate is
 * told anew whenever something has changed, and restarts then.
 *
 * @returns what serves now
 */
export async function handOver(
  { machine, juju }: WsgiApi,
  relations: Relations,
  options: Options,
  { desired, source, account, venv, environment, statsd, connections }: Prepared,
  served: Served,
): Promise<Served> {
  const wanted = desired();
  const { generation, staticFiles } = wanted;
  const holdsPort = served.sockets.some(({ port, active }) => port === wanted.port && active);
  const stops = served.pid !== undefined && (connections.revoked || !holdsPort);
  if (stops) await stopForGood(machine);
  for (const [path, content] of staticFiles?.files ?? []) await writeFile(machine, path, content, { mode: 0o644 });
  const config = wsgiFileConfig(options, environment, {
    proxies: believedProxies(options, relations),
    statsd,
    staticFiles,
    lender: machine.path(LENDER_ADDRESS),
  });
  await writeFile(machine, WSGI_FILE_CONFIG, config, { mode: 0o640, group: account.group });
  const loan = { owner: juju.unit.unit, group: account.group, config: WSGI_FILE_CONFIG };
  if (!(await lendPort(machine, wanted, stops ? await readServed(machine) : served, loan))) await stopForGood(machine);
  const databag = wsgiFileDatabag({
    project: juju.unit.application,
    options,
    workingDirectory: machine.path(source.folder),
    pythonPath: (await sitePackages(machine, venv.path)).map((path) => machine.path(path)),
    user: account.user,
    group: account.group,
    config: machine.path(WSGI_FILE_CONFIG),
    logFile: options.wsgi_logfile_path === undefined ? undefined : machine.path(options.wsgi_logfile_path),
    generation,
  });
  for (const { id } of relations['wsgi-file']) juju.relationSet(id, databag);
  return readServed(machine);
}

/**
 * Takes away what only a subordinate needs; the databag went with the relation. One that still runs goes on until our own
 * service serves.
 *
 * @returns what serves now
 */
export async function takeBack({ machine }: WsgiApi, wanted: DesiredService, served: Served): Promise<Served> {
  await removeFile(machine, WSGI_FILE_CONFIG);
  return (await isLent(machine)) ? reclaimPort(machine, wanted, served) : served;
}

/** Where the packages of a virtual environment are. */
async function sitePackages(machine: Machine, venv: string): Promise<string[]> {
  const names = (await listDirectory(machine, `${venv}/lib`)).filter((name) => name.startsWith('python'));
  return names.map((name) => `${venv}/lib/${name}/site-packages`);
}

export interface WsgiFileSpec {
  /** Name of the application in Juju. */
  readonly project: string;
  readonly options: Options;
  /** The application's folder, and like all paths here as the machine's processes see it. */
  readonly workingDirectory: string;
  /** Where Python finds modules besides its own: the packages of the virtual environment. */
  readonly pythonPath: readonly string[];
  readonly user: string;
  readonly group: string;
  /** The file of {@link wsgiFileConfig}. */
  readonly config: string;
  /** The log file of wsgi_logfile_path, if any. */
  readonly logFile: string | undefined;
  /** Anything that is another one whenever something has changed: the subordinate restarts then. */
  readonly generation: string;
}

/** Our databag. No secret is in it: the environment is in the configuration file, and `env_extra` stays empty. */
export function wsgiFileDatabag(spec: WsgiFileSpec): Databag {
  const { options } = spec;
  return {
    project_name: spec.project,
    working_dir: spec.workingDirectory,
    python_path: [spec.workingDirectory, ...spec.pythonPath].join(':'),
    wsgi_user: spec.user,
    wsgi_group: spec.group,
    port: String(options.port),
    wsgi_access_logfile: options.access_log ? (spec.logFile ?? '-') : '/dev/null',
    wsgi_wsgi_file: moduleText(options.wsgi_module),
    wsgi_extra: `--config=${spec.config}`,
    env_extra: '',
    timestamp: spec.generation,
  };
}

/** What the relation had of us, taken back: an empty value deletes a key. */
export const NO_WSGI_FILE: Databag = Object.fromEntries(
  [
    'project_name',
    'working_dir',
    'python_path',
    'wsgi_user',
    'wsgi_group',
    'port',
    'wsgi_access_logfile',
    'wsgi_wsgi_file',
    'wsgi_extra',
    'env_extra',
    'timestamp',
  ].map((key) => [key, '']),
);

/** What a configuration file has besides the options and the environment. */
export interface WsgiFileConfigSpec {
  readonly proxies: readonly string[];
  /** Where requests are counted, as `HOST:PORT`. */
  readonly statsd?: string | undefined;
  readonly staticFiles?: StaticFiles | undefined;
  /** Path of the unix socket where the port is to be had, as the machine's processes see it. */
  readonly lender?: string;
}

/**
 * The configuration file that carries the environment and the settings of our options, as far as the subordinate does not set
 * them on its own command line. To be readable by root and the application's group alone.
 */
export function wsgiFileConfig(
  options: Options,
  variables: Variables,
  { proxies, statsd, staticFiles, lender }: WsgiFileConfigSpec,
): string {
  return gunicornConfig({
    logFormat: options.log_format,
    statsd: statsd !== undefined,
    variables,
    settings: subordinateSettings({ options, proxies, statsd }),
    staticFiles,
    lender,
  });
}
