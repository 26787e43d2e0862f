/** What pyproject.toml and lock files say of an application. Sources: PEP 621, PEP 751, and uv's "Locking and syncing". */
import { existsSync } from 'node:fs';
import { parse } from 'smol-toml';
import * as z from 'zod/mini';
import { MachineError } from './errors.ts';
import type { Machine } from './machine.ts';
import { needsOtherPython, satisfies } from './python-versions.ts';
import { type Requirements, readBuildFile } from './requirements.ts';

/** The files that name what is to be installed; `requirements` is one as pip reads it, by any name. */
export type DependencyKind = 'requirements' | 'pylock' | 'uv-lock' | 'pyproject';

/** A lock file that names a thousand packages with their wheels takes some MiB. */
const LARGEST_LOCK = 16 * 1024 * 1024;

const Pyproject = z.object({
  project: z.optional(
    z.object({
      name: z.optional(z.string()),
      'requires-python': z.optional(z.string()),
      dependencies: z.optional(z.array(z.string())),
    }),
  ),
  'build-system': z.optional(z.object({})),
  tool: z.optional(z.object({ uv: z.optional(z.object({ package: z.optional(z.boolean()) })) })),
});

export interface Project {
  readonly text: string;
  /** Undefined where the table `project` is missing: the file then holds settings of tools, or is poetry's own form. */
  readonly project:
    | { readonly name: string; readonly requiresPython: string; readonly dependencies: readonly string[] }
    | undefined;
  /** Whether the project is installed itself; otherwise only what it depends on. */
  readonly isPackage: boolean;
}

/** @throws MachineError for a file that is missing or no TOML */
export function readProject(machine: Machine, build: string, path: string): Project {
  const text = readBuildFile(machine, build, path, LARGEST_LOCK);
  const { project, tool, 'build-system': backend } = parsed(Pyproject, text, path);
  const folder = machine.path(path.slice(0, path.lastIndexOf('/')));
  return {
    text,
    project: project && {
      name: project.name ?? 'the project',
      requiresPython: project['requires-python'] ?? '',
      dependencies: project.dependencies ?? [],
    },
    // Without a build system pip takes setuptools, which finds the package in src/ and little else.
    isPackage:
      tool?.uv?.package ??
      (backend !== undefined || ['setup.py', 'src'].some((name) => existsSync(`${folder}/${name}`))),
  };
}

/**
 * Why this Python cannot run the project, and the option that mends it; undefined where it can.
 *
 * @param python - as `3.11`
 */
export function otherPython({ project }: Project, python: string): string | undefined {
  if (project === undefined || satisfies(python, project.requiresPython)) return undefined;
  return needsOtherPython(project.name, project.requiresPython, python);
}

/** pyproject.toml as what an environment is named after. */
export function requirementsOfProject({ text, isPackage, project }: Project, name: string): Requirements {
  return { files: [[name, text]], usesBuild: isPackage, urls: urlsIn(project?.dependencies ?? []) };
}

/** uv.lock with the pyproject.toml beside it. */
export function requirementsOfUvLock(machine: Machine, build: string, path: string, project: Project): Requirements {
  const text = readBuildFile(machine, build, path, LARGEST_LOCK);
  const usesBuild = /^source = \{ (?:editable|directory|path) = /m.test(text);
  return {
    files: [
      ['uv.lock', text],
      ['pyproject.toml', project.text],
    ],
    usesBuild,
    urls: [],
  };
}

const Hashes = z.optional(z.record(z.string(), z.string()));
const File_ = z.object({ hashes: Hashes });
const Pylock = z.object({
  packages: z.optional(
    z.array(
      z.object({
        name: z.string(),
        version: z.optional(z.string()),
        marker: z.optional(z.string()),
        directory: z.optional(z.object({})),
        archive: z.optional(z.object({ path: z.optional(z.string()) })),
        vcs: z.optional(z.object({})),
        wheels: z.optional(z.array(File_)),
        sdist: z.optional(File_),
      }),
    ),
  ),
});

/** pylock.toml, and the lines by which pip takes the same packages from a folder. */
export function readPylock(
  machine: Machine,
  build: string,
  path: string,
): { readonly requirements: Requirements; readonly lines: readonly string[] } {
  const text = readBuildFile(machine, build, path, LARGEST_LOCK);
  const { packages = [] } = parsed(Pylock, text, path);
  const usesBuild = packages.some(({ directory, archive }) => directory !== undefined || archive?.path !== undefined);
  const lines = packages.map(({ name, version, marker, wheels = [], sdist }) => {
    const hashes = [...wheels, ...(sdist === undefined ? [] : [sdist])].flatMap(({ hashes = {} }) =>
      Object.entries(hashes),
    );
    const flags = hashes.map(([algorithm, digest]) => ` --hash=${algorithm}:${digest}`).join('');
    return `${name}${version === undefined ? '' : `==${version}`}${marker === undefined ? '' : ` ; ${marker}`}${flags}`;
  });
  return { requirements: { files: [[path.slice(path.lastIndexOf('/') + 1), text]], usesBuild, urls: [] }, lines };
}

function urlsIn(dependencies: readonly string[]): string[] {
  return dependencies
    .flatMap((each) => /^[^@;]+@\s*([a-z][a-z0-9+.-]*:\S+)/i.exec(each)?.[1] ?? [])
    .filter((url) => !/^(?:[a-z]+\+)?file:/.test(url));
}

function parsed<Schema extends z.ZodMiniType>(schema: Schema, text: string, path: string): z.output<Schema> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  let value: unknown;
  try {
    value = parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    throw new MachineError(`${name} is not TOML: ${reason.replace(/^Invalid TOML document: /, '')}`);
  }
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new MachineError(`${name}: ${issue?.path.join('.')} is not as it must be: ${issue?.message}`);
}
