/** What an application depends on: read for the environment's name, and installed into it. */
import { posix } from 'node:path';
import { listDirectory, removeFile, writeFile } from './files.ts';
import type { Machine } from './machine.ts';
import { runPip } from './pip.ts';
import {
  type DependencyKind,
  type Project,
  readProject,
  readPylock,
  requirementsOfProject,
  requirementsOfUvLock,
} from './project.ts';
import { type Requirements, readRequirements } from './requirements.ts';
import { ensureUv, runUv, type UvOptions, uvFailure } from './uv.ts';

export interface DependencySpec extends UvOptions {
  /** The file in the build that names them, as a path of the machine. */
  readonly requirements?: string | undefined;
  /** What kind of file that is; a requirements file unless told. */
  readonly kind?: DependencyKind | undefined;
  /** The application's environment, which pip and requirements files may refer to. */
  readonly variables?: ReadonlyMap<string, string>;
}

export interface Dependencies {
  readonly kind: DependencyKind;
  readonly path: string;
  /** The texts, which the environment is named after. */
  readonly requirements: Requirements;
  /** pyproject.toml itself, or the one beside uv.lock. */
  readonly project?: Project;
  /** Lines by which pip installs the same, where it cannot take the file. */
  readonly lines?: readonly string[];
}

/** @throws MachineError for a file that is missing, outside the build, or not as it must be */
export function readDependencies(machine: Machine, spec: DependencySpec): Dependencies | undefined {
  const { kind = 'requirements', requirements: path, build } = spec;
  if (path === undefined) return undefined;
  switch (kind) {
    case 'requirements':
      return { kind, path, requirements: readRequirements(machine, build, path, spec.variables) };
    case 'pylock':
      return { kind, path, ...readPylock(machine, build, path) };
    case 'pyproject': {
      const project = readProject(machine, build, path);
      const lines = project.project?.dependencies ?? [];
      return { kind, path, project, lines, requirements: requirementsOfProject(project, posix.basename(path)) };
    }
    case 'uv-lock': {
      const project = readProject(machine, build, `${posix.dirname(path)}/pyproject.toml`);
      return { kind, path, project, requirements: requirementsOfUvLock(machine, build, path, project) };
    }
  }
}

/**
 * Installs them into an environment that the application's user owns meanwhile.
 *
 * @param python - of the environment, as `3.11`
 * @returns why it failed, in a sentence; undefined when it went well
 */
export async function installDependencies(
  machine: Machine,
  spec: DependencySpec,
  dependencies: Dependencies,
  venv: string,
  python: string,
): Promise<string | undefined> {
  const refusal = await refuseNetwork(machine, spec, dependencies.requirements);
  if (refusal !== undefined) return refusal;
  const { kind, path, project, lines = [] } = dependencies;
  const from = indexFlags(machine, spec);
  if (kind === 'uv-lock') return installLocked(machine, spec, dependencies, venv, python);
  if (kind === 'pylock' && spec.pipCacheDir !== undefined)
    return installLines(machine, spec, venv, ['--no-deps'], lines);
  if (kind !== 'pyproject') return runPip(machine, spec, venv, [...from, '-r', machine.path(path)]);
  if (project?.isPackage === true) return runPip(machine, spec, venv, [...from, machine.path(posix.dirname(path))]);
  return installLines(machine, spec, venv, [], lines);
}

export function indexFlags(machine: Machine, { pipCacheDir }: Pick<UvOptions, 'pipCacheDir'>): string[] {
  return pipCacheDir === undefined ? [] : ['--no-index', '--find-links', machine.path(pipCacheDir)];
}

/** With a folder of packages no network is ever asked: what cannot come from the folder is said before pip tries. */
async function refuseNetwork(machine: Machine, spec: UvOptions, { urls }: Requirements): Promise<string | undefined> {
  if (spec.pipCacheDir === undefined) return undefined;
  if ((await listDirectory(machine, spec.pipCacheDir)).length === 0) {
    return `pip_cache_dir: there is nothing in ${spec.pipCacheDir}; put the wheels there, or reset it to use an index`;
  }
  const [url] = urls;
  return url && `pip_cache_dir is set, and the requirements ask for ${url}; put that package into the folder`;
}

/**
 * uv takes every file from the URL that the lock has for it. Where packages are to come from a folder or from another index,
 * pip takes the versions that are locked from there.
 */
async function installLocked(
  machine: Machine,
  spec: DependencySpec,
  { path }: Dependencies,
  venv: string,
  python: string,
): Promise<string | undefined> {
  const uv = await ensureUv(machine, spec);
  if (!uv.ok) return uv.reason;
  const project = ['--project', machine.path(posix.dirname(path)), '--frozen', '--no-default-groups', '--no-editable'];
  const interpreter = ['--python', machine.path(`${venv}/bin/python`)];
  if (spec.pipCacheDir === undefined && spec.variables?.get('PIP_INDEX_URL') === undefined) {
    const settings = { UV_PROJECT_ENVIRONMENT: machine.path(venv) };
    const synced = await runUv(machine, spec, uv.path, ['sync', ...project, ...interpreter], settings);
    return uvFailure(synced, spec.timeout, python);
  }
  const argv = [
    'export',
    ...project,
    ...interpreter,
    '--offline',
    '--quiet',
    '--no-header',
    '--no-annotate',
    '--no-hashes',
  ];
  const exported = await runUv(machine, spec, uv.path, argv);
  const failed = uvFailure(exported, spec.timeout, python);
  return failed ?? installLines(machine, spec, venv, ['--no-deps'], exported.stdout.split('\n'));
}

/** By a file that belongs to the application's user: URLs in it may have a password. */
async function installLines(
  machine: Machine,
  spec: UvOptions,
  venv: string,
  flags: readonly string[],
  lines: readonly string[],
): Promise<string | undefined> {
  if (lines.every((line) => line.trim() === '')) return undefined;
  const file = `${spec.directory}/requirements.txt`;
  await writeFile(machine, file, `${lines.join('\n')}\n`, { mode: 0o600, owner: spec.user });
  try {
    return await runPip(machine, spec, venv, [...indexFlags(machine, spec), ...flags, '-r', machine.path(file)]);
  } finally {
    await removeFile(machine, file);
  }
}
