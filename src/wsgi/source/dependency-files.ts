/** Files that name what an application needs: the one that is installed, and what to do with those that are not. */
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import type { Machine } from '../../system/machine.ts';
import { type DependencyKind, readProject } from '../../system/project.ts';

export interface DependencyFile {
  /** Below the application's folder. */
  readonly path: string;
  readonly kind: DependencyKind;
}

/** The name that requirements_path has unless it is set. */
const DEFAULT = 'requirements.txt';

/** The first that is there counts. */
const ORDER = [DEFAULT, 'pylock.toml', 'uv.lock', 'pyproject.toml'] as const;

/**
 * The file that is installed: the one of requirements_path, which then has to be there, else the first of those that are known.
 *
 * @param path - requirements_path; undefined installs nothing
 * @param names - what lies in the application's folder
 * @param namesProject - whether its pyproject.toml has the table `project`, and not only settings of tools
 */
export function dependencyFile(
  path: string | undefined,
  names: readonly string[],
  namesProject: () => boolean,
): DependencyFile | undefined {
  if (path === undefined) return undefined;
  if (path !== DEFAULT) return { path, kind: kindOf(path) };
  const found = ORDER.find((name) => {
    if (!names.includes(name)) return false;
    if (name === 'uv.lock') return names.includes('pyproject.toml');
    return name !== 'pyproject.toml' || namesProject();
  });
  return found && { path: found, kind: kindOf(found) };
}

/** {@link dependencyFile} of a folder of the machine. Throws MachineError for a pyproject.toml that is no TOML. */
export function dependencyFileIn(
  machine: Machine,
  folder: string,
  path: string | undefined,
): DependencyFile | undefined {
  const names = readdirSync(machine.path(folder));
  const namesProject = () => readProject(machine, folder, `${folder}/pyproject.toml`).project !== undefined;
  return dependencyFile(path, names, namesProject);
}

/** By its name, as pip and uv tell them. */
function kindOf(path: string): DependencyKind {
  const name = posix.basename(path);
  if (/^pylock(?:\.[^.]+)?\.toml$/.test(name)) return 'pylock';
  if (name === 'uv.lock') return 'uv-lock';
  return name === 'pyproject.toml' ? 'pyproject' : 'requirements';
}

/** A file that is not installed, and the command that makes a requirements.txt of it. */
const EXPORTS: ReadonlyArray<readonly [file: string, command: string]> = [
  ['uv.lock', 'uv export --no-dev --no-emit-project -o requirements.txt'],
  ['poetry.lock', 'poetry export -o requirements.txt'],
  ['pdm.lock', 'pdm export --prod -o requirements.txt'],
  ['Pipfile.lock', 'pipenv requirements > requirements.txt'],
  ['Pipfile', 'pipenv lock && pipenv requirements > requirements.txt'],
  ['pyproject.toml', 'echo . > requirements.txt'],
  ['setup.py', 'echo . > requirements.txt'],
];

/**
 * What to do where a module is missing that a file names which is not installed: reads on after the reason. Undefined where a
 * lock or requirements were installed, or nothing names any.
 *
 * @param installed - the file that was
 * @param names - what lies in the application's folder
 */
export function missingRequirements(
  reason: string,
  installed: DependencyFile | undefined,
  names: readonly string[],
): string | undefined {
  if (!/^(?:ModuleNotFoundError|ImportError): No module named /.test(reason)) return undefined;
  if (installed !== undefined && installed.kind !== 'pyproject') return undefined;
  const [file, command] = EXPORTS.find(([name]) => names.includes(name) && name !== installed?.path) ?? [];
  return file === undefined
    ? undefined
    : `${file} is there, which is not installed; make a requirements.txt of it: ${command}`;
}
