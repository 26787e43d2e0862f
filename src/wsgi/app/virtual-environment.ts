/** The virtual environment of the application: made for its requirements, and kept for as long as a build may need it. */
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { environmentFile } from '../../system/environment-file.ts';
import { removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { ensureVenv, pruneVenvs, sitePackages, type VenvSpec } from '../../system/venv.ts';
import { markerPath } from '../../system/venv-marker.ts';
import type { WsgiApi } from '../api.ts';
import type { Variables } from '../config/environment-variables.ts';
import type { Options } from '../config/options.ts';
import { COMMAND_ENVIRONMENT, VENVS } from '../paths.ts';
import type { Account } from '../source/data-paths.ts';
import { dependencyFileIn } from '../source/dependency-files.ts';
import type { Source } from '../source/in-place.ts';
import { readLedger } from '../source/ledger.ts';
import { blocked } from '../status.ts';
import { failedBefore, forgetFailure, mayMendItself, rememberFailure } from './failures.ts';

export interface VirtualEnvironment {
  /** Its name: a digest of interpreter, options and requirements. */
  readonly key: string;
  /** As a machine path. */
  readonly path: string;
  /** The version of gunicorn in it; undefined where it does not say. */
  readonly gunicorn: string | undefined;
}

/**
 * Makes the environment that the source's requirements ask for, unless it is there.
 *
 * @throws Problem that says what pip could not do
 */
export async function makeVenv(
  api: WsgiApi,
  options: Options,
  source: Source,
  account: Account,
  environment: Variables,
  mask: (text: string) => string,
): Promise<VirtualEnvironment> {
  const { machine, juju, data } = api;
  const inputs = (key: string) => [
    key,
    [...environment],
    options.apt_dependencies,
    juju.unit.proxies,
    options.pip_timeout,
  ];
  await writeFile(machine, COMMAND_ENVIRONMENT, environmentFile(environment), { mode: 0o600 });
  try {
    const made = await ensureVenv(machine, {
      ...venvSpec(api, options, source, account, environment),
      failedBefore: (key) => failedBefore(data, 'requirements', inputs(key)),
      onDamage: (damage) => juju.log('WARNING', `the virtual environment is damaged, so it is made anew: ${damage}`),
      onLine: (line) => juju.debug(mask(line)),
    });
    if (!made.ok && made.of === 'python3') return blocked(made.reason);
    if (!made.ok) {
      const reason = mask(made.reason);
      // An index may have tomorrow what it lacks now, and be faster.
      const later = options.pip_cache_dir === undefined && /took longer|could not find|no matching/i.test(reason);
      if (!later && !mayMendItself(reason)) rememberFailure(data, 'requirements', inputs(made.key), reason);
      return blocked(`requirements: ${reason}`);
    }
    forgetFailure(data, 'requirements');
    refuseOldForAsgi(options, made.gunicorn);
    return { key: made.key, path: made.path, gunicorn: made.gunicorn };
  } finally {
    await removeFile(machine, COMMAND_ENVIRONMENT);
  }
}

/** Where it shows that one was removed or damaged, without looking at all of its files. */
export async function venvPaths(machine: Machine, path: string): Promise<string[]> {
  const packages = await sitePackages(machine, path);
  return [markerPath(path), path, `${path}/bin`, `${path}/bin/python`, `${path}/bin/gunicorn`, ...packages];
}

/** What the environment is made of. @throws MachineError for a pyproject.toml that is no TOML */
export function venvSpec(
  { machine, juju, charmDir }: WsgiApi,
  options: Options,
  source: Source,
  account: Account,
  environment: Variables,
): VenvSpec {
  const within = (path: string) => (path.startsWith('/') ? path : `${source.folder}/${path}`);
  const file = dependencyFileIn(machine, source.folder, options.requirements_path);
  return {
    directory: VENVS,
    build: source.folder,
    requirements: file && `${source.folder}/${file.path}`,
    kind: file?.kind,
    python: options.python,
    buildDigest: source.digest,
    wheels: join(charmDir, 'wheels'),
    user: account.user,
    environmentFile: COMMAND_ENVIRONMENT,
    variables: environment,
    pipCacheDir: options.pip_cache_dir && within(options.pip_cache_dir),
    proxies: juju.unit.proxies,
    timeout: options.pip_timeout,
  };
}

/** The first with workers for ASGI of its own. */
const GUNICORN_WITH_ASGI = 24;

function refuseOldForAsgi({ worker_class }: Options, gunicorn: string | undefined): void {
  if (worker_class !== 'asgi' || gunicorn === undefined || Number.parseInt(gunicorn, 10) >= GUNICORN_WITH_ASGI) return;
  blocked(
    `worker_class: asgi needs gunicorn 24 or newer, and the requirements ask for ${gunicorn}; ask for a newer one, or leave it out`,
  );
}

const KEY = 'wsgi.venvs';
const Uses = z.array(z.object({ folder: z.string(), key: z.string() }));
/** Environments kept for code that is served in place, so that going back to earlier requirements costs no pip run. */
const KEPT_IN_PLACE = 3;

/** Notes that this environment serves, and removes those that no installed build needs. */
export async function pruneUnused(
  { machine, data }: WsgiApi,
  root: string,
  source: Source,
  venv: VirtualEnvironment,
): Promise<void> {
  await pruneVenvs(machine, VENVS, usedVenvs(data, root, source, venv));
}

/** The environments of the builds that are installed, and of what served in place before. */
function usedVenvs(data: Data, root: string, source: Source, venv: VirtualEnvironment): string[] {
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
