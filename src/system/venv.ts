import {
  type Dependencies,
  type DependencySpec,
  indexFlags,
  installDependencies,
  readDependencies,
} from './dependencies.ts';
import { ensureDirectory, giveTree, listDirectory, removeFile, removeTree } from './files.ts';
import {
  ensurePython,
  type Found,
  findPython,
  type Interpreter,
  type PythonOptions,
  versionOf,
} from './interpreter.ts';
import { lastLine } from './last-line.ts';
import type { Machine } from './machine.ts';
import { maskUrls } from './mask.ts';
import { runPip } from './pip.ts';
import { otherPython } from './project.ts';
import { makeReadOnly } from './read-only-tree.ts';
import { ensureUv, putWheels, runUv, uvFailure } from './uv.ts';
import { asksFor, carriedWheels, venvKey } from './venv-key.ts';
import { damageOf, finish, putAside, putBack, readMarker } from './venv-marker.ts';

/** What a virtual environment is made of. Paths are paths of the machine, where nothing else is said. */
export interface VenvSpec extends DependencySpec, PythonOptions {
  /** Changes with what is in the build; counts where a requirement is installed from the build itself. */
  readonly buildDigest?: string;
  /** Why an environment of this key could not be made before, where another attempt would be in vain. */
  readonly failedBefore?: (key: string) => string | undefined;
  /** Called with what is wrong with one that was finished, before it is made anew. */
  readonly onDamage?: (damage: string) => void;
}

/** `reason` is a sentence without secrets. */
export type VenvResult =
  | {
      readonly ok: true;
      /** Names the environment in its folder, and tells it from others. */
      readonly key: string;
      readonly path: string;
      /** Whether it had to be made. */
      readonly changed: boolean;
      /** Version of gunicorn in it; undefined where it is the machine's own. */
      readonly gunicorn: string | undefined;
    }
  | {
      readonly ok: false;
      /** The machine's interpreter is to be mended; else what the application asks for. */
      readonly of: 'python3';
      readonly reason: string;
    }
  | { readonly ok: false; readonly of: 'requirements'; readonly key: string; readonly reason: string };

/** What lies among the environments and is none. */
const OTHERS = ['cache', 'wheels', 'python', 'uv', 'uv-cache', 'uv.json'];
const MANAGED_PYTHON = /^python-[\d.]+\.json$/;

/**
 * Makes the virtual environment for these requirements, unless it is there. One that was not finished is made anew, and so is
 * one that is damaged. Its files are root's in the end, and read-only to all others.
 *
 * @throws MachineError for a requirements file that is not as it must be, or a disk that cannot be written
 */
export async function ensureVenv(machine: Machine, spec: VenvSpec): Promise<VenvResult> {
  const python = await ensurePython(machine, spec);
  if (!python.ok) return { ok: false, of: 'python3', reason: maskUrls(python.reason) };
  const { dependencies, key, path, marker, damage } = await lookUp(machine, spec, python.interpreter);
  if (marker !== undefined && damage === undefined) {
    return { ok: true, key, path, changed: false, gunicorn: marker.gunicorn };
  }

  const before = spec.failedBefore?.(key);
  if (before !== undefined) return { ok: false, of: 'requirements', key, reason: before };
  if (damage !== undefined) spec.onDamage?.(damage);
  await ensureDirectory(machine, spec.directory, { mode: 0o755 });
  await putAside(machine, path);
  const made = await make(machine, spec, python, dependencies, path);
  if (!made.ok) {
    await putBack(machine, path, marker);
    return { ok: false, of: 'requirements', key, reason: maskUrls(made.reason) };
  }
  await finish(machine, path, made.gunicorn);
  return { ok: true, key, path, changed: true, gunicorn: made.gunicorn };
}

/**
 * Where the environment is, or is going to be, and whether it is there. Nothing is made.
 *
 * @returns undefined where its interpreter is not here yet, so that it has no name
 * @throws MachineError for a requirements file that is not as it must be
 */
export async function findVenv(
  machine: Machine,
  spec: VenvSpec,
): Promise<{ readonly path: string; readonly isThere: boolean } | undefined> {
  const python = await findPython(machine, spec);
  if ('install' in python || !python.ok) return undefined;
  const { path, marker, damage } = await lookUp(machine, spec, python.interpreter);
  return { path, isThere: marker !== undefined && damage === undefined };
}

async function lookUp(machine: Machine, spec: VenvSpec, interpreter: Interpreter) {
  const dependencies = readDependencies(machine, spec);
  const key = await venvKey(machine, spec, interpreter, dependencies?.requirements);
  const path = `${spec.directory}/${key}`;
  const marker = await readMarker(machine, path);
  return { dependencies, key, path, marker, damage: marker && (await damageOf(machine, path, marker)) };
}

/** Machine paths of the folders for packages in an environment; none where there is no environment. */
export async function sitePackages(machine: Machine, path: string): Promise<string[]> {
  const pythons = (await listDirectory(machine, `${path}/lib`)).filter((name) => name.startsWith('python'));
  return pythons.map((name) => `${path}/lib/${name}/site-packages`);
}

/** Removes the environments that are not among these, and what unfinished ones left. Returns what was removed. */
export async function pruneVenvs(machine: Machine, directory: string, keep: readonly string[]): Promise<string[]> {
  const kept = new Set([...OTHERS, ...keep, ...keep.map((key) => `${key}.json`)]);
  const unused = (await listDirectory(machine, directory)).filter(
    (name) => !kept.has(name) && !MANAGED_PYTHON.test(name),
  );
  // Markers go first: an environment without one does not count as one.
  for (const name of unused.filter((each) => each.endsWith('.json'))) await removeFile(machine, `${directory}/${name}`);
  for (const name of unused) await removeTree(machine, `${directory}/${name}`);
  return unused.filter((name) => !name.includes('.'));
}

type Made =
  | { readonly ok: true; readonly gunicorn: string | undefined }
  | { readonly ok: false; readonly reason: string };

async function make(
  machine: Machine,
  spec: VenvSpec,
  python: Found & { readonly ok: true },
  dependencies: Dependencies | undefined,
  path: string,
): Promise<Made> {
  const version = versionOf(python.interpreter);
  const other = dependencies?.project && otherPython(dependencies.project, version);
  if (other !== undefined) return { ok: false, reason: other };
  const failed = await makeEmpty(machine, spec, python, path);
  if (failed !== undefined) return { ok: false, reason: failed };
  await putWheels(machine, spec);
  await giveTree(machine, path, { owner: spec.user });
  const reason = dependencies && (await installDependencies(machine, spec, dependencies, path, version));
  if (reason !== undefined) return { ok: false, reason };
  const installed = await installGunicorn(machine, spec, dependencies, path);
  if (!installed.ok) return installed;
  await giveTree(machine, path, { owner: 'root', group: 'root' });
  makeReadOnly(machine, path);
  return installed;
}

/** @returns why it failed, in a sentence */
async function makeEmpty(
  machine: Machine,
  spec: VenvSpec,
  { interpreter, managed }: Found & { readonly ok: true },
  path: string,
): Promise<string | undefined> {
  if (managed) {
    const uv = await ensureUv(machine, spec);
    if (!uv.ok) return uv.reason;
    await ensureDirectory(machine, path, { mode: 0o755, owner: spec.user });
    const venv = ['venv', '--no-project', '--allow-existing', '--python', interpreter.executable, machine.path(path)];
    return uvFailure(await runUv(machine, spec, uv.path, venv), spec.timeout, versionOf(interpreter));
  }
  const venv = ['-I', '-m', 'venv', '--without-pip', '--system-site-packages', machine.path(path)];
  const { code, stdout, stderr } = await machine.run(interpreter.executable, venv, { timeout: 120 });
  return code === 0 ? undefined : `python3 -m venv: ${lastLine(stderr || stdout)}`;
}

/** The one that the dependencies bring, else the one that the charm carries. */
async function installGunicorn(
  machine: Machine,
  spec: VenvSpec,
  dependencies: Dependencies | undefined,
  path: string,
): Promise<Made> {
  const brought = await gunicornIn(machine, path);
  if (brought !== undefined) return usableGunicorn(machine, spec, path, brought);
  if (isPinned(dependencies)) return { ok: true, gunicorn: undefined };
  const wheel = carriedWheels(spec.wheels).find((name) => name.startsWith('gunicorn-'));
  const version = wheel?.split('-')[1];
  if (version === undefined) return { ok: false, reason: 'the charm carries no gunicorn; add it to requirements.txt' };
  const wheels = machine.path(`${spec.directory}/wheels`);
  const reason = await runPip(machine, spec, path, ['--no-index', '--find-links', wheels, `gunicorn==${version}`]);
  return reason === undefined ? { ok: true, gunicorn: version } : { ok: false, reason };
}

/** The first that takes sockets from systemd and tells it that it is ready. */
const OLDEST_GUNICORN = 20;
/** The last that has pkg_resources, which gunicorn 20 imports and asks any setuptools for. */
const OLD_SETUPTOOLS = 'setuptools<81';

async function usableGunicorn(machine: Machine, spec: VenvSpec, path: string, version: string): Promise<Made> {
  const major = Number.parseInt(version, 10);
  if (major < OLDEST_GUNICORN) {
    return { ok: false, reason: `gunicorn ${version} is too old for this charm; 20.0 or newer, or leave it out` };
  }
  const installed = await installedIn(machine, path);
  if (major > OLDEST_GUNICORN || !installed.includes('setuptools') || installed.includes('pkg_resources')) {
    return { ok: true, gunicorn: version };
  }
  const failed = await runPip(machine, spec, path, [...indexFlags(machine, spec), OLD_SETUPTOOLS]);
  if (failed === undefined) return { ok: true, gunicorn: version };
  return {
    ok: false,
    reason: `gunicorn ${version} needs ${OLD_SETUPTOOLS}; add that to the requirements, or 21 or newer: ${failed}`,
  };
}

/** Version of gunicorn installed in the environment itself. Read from its files: root runs no code of the application's. */
async function gunicornIn(machine: Machine, path: string): Promise<string | undefined> {
  const installed = await installedIn(machine, path);
  return installed.map((name) => /^gunicorn-(.+)\.dist-info$/.exec(name)?.[1]).find((version) => version !== undefined);
}

/** Names in the folder that packages of the environment itself are in. */
async function installedIn(machine: Machine, path: string): Promise<string[]> {
  const [python] = (await listDirectory(machine, `${path}/lib`)).filter((name) => name.startsWith('python'));
  return listDirectory(machine, `${path}/lib/${python}/site-packages`);
}

/** Whether the requirements ask for certain versions of gunicorn: then the machine's own counts, where it is one of them. */
function isPinned(dependencies: Dependencies | undefined): boolean {
  return asksFor(dependencies?.requirements, /^\s*gunicorn\s*(?:\[[^\]]*\]\s*)?[=<>~!]/im);
}
