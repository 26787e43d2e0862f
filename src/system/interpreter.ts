/** The Python that an environment is made of: the machine's, one that is named, or one that uv installs. */
import { existsSync } from 'node:fs';
import * as z from 'zod/mini';
import { ensureDirectory, giveTree, readFile, writeFile } from './files.ts';
import type { Machine } from './machine.ts';
import { makeReadOnly } from './read-only-tree.ts';
import { ensureUv, runUv, type UvOptions, uvFailure } from './uv.ts';

/** The interpreter by a name that outlives its security updates, and what its compiled files are called. */
export interface Interpreter {
  readonly executable: string;
  readonly tag: string;
}

/** Which one is wanted: a program by its path, or a version such as `3.13`. */
export type PythonWish =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'version'; readonly version: string };

export interface PythonOptions extends UvOptions {
  /** The machine's python3 unless told. */
  readonly python?: PythonWish | undefined;
}

/** `managed` is one that uv has installed: root runs no code of it. `reason` is a sentence. */
export type Found =
  | { readonly ok: true; readonly interpreter: Interpreter; readonly managed: boolean }
  | { readonly ok: false; readonly reason: string };

/** What the carried pip and gunicorn run on, and Ubuntu 22.04 has. */
const OLDEST = [3, 10] as const;

export async function ensurePython(machine: Machine, options: PythonOptions): Promise<Found> {
  const found = await findPython(machine, options);
  return 'install' in found ? managedPython(machine, options, found.install) : found;
}

/** Looks for it and installs nothing: `install` is the version that uv would have to install. */
export async function findPython(
  machine: Machine,
  options: PythonOptions,
): Promise<Found | { readonly install: string }> {
  const wish = options.python;
  if (wish === undefined) {
    return of(await look(machine, 'python3'), 'python3 does not run on this machine; install it');
  }
  if (wish.kind === 'path') {
    const missing = `python: ${wish.path} does not run on this machine; name its package in apt_dependencies, or correct the path`;
    return of(await look(machine, wish.path), missing);
  }
  const [, minor = wish.version] = /^(\d+\.\d+)/.exec(wish.version) ?? [];
  const own = await look(machine, `python${minor}`);
  if (own !== undefined && `${own.version}.`.startsWith(`${wish.version}.`)) return of(own, '');
  const known = await readFile(machine, managedMarker(options, wish.version));
  const executable = known === undefined ? undefined : Marker.parse(JSON.parse(known)).executable;
  if (executable === undefined || !existsSync(executable)) return { install: wish.version };
  return managed(wish.version, executable);
}

/** `3.11`, of an interpreter's tag. */
export function versionOf({ tag }: Interpreter): string {
  const [, major, minor] = /(\d)(\d+)$/.exec(tag) ?? [];
  return major === undefined ? 'another Python' : `${major}.${minor}`;
}

interface Looked extends Interpreter {
  readonly version: string;
}

async function look(machine: Machine, python: string): Promise<Looked | undefined> {
  const program = [
    'import os, sys',
    'print(os.path.realpath(sys.executable))',
    'print(sys.implementation.cache_tag)',
    'print(*sys.version_info[:3], sep=".")',
  ].join('; ');
  const { code, stdout } = await machine.run(python, ['-I', '-c', program], { timeout: 60 });
  const [executable = '', tag = '', version = ''] = stdout.split('\n');
  return code !== 0 || executable === '' ? undefined : { executable, tag, version };
}

function of(found: Looked | undefined, missing: string): Found {
  if (found === undefined) return { ok: false, reason: missing };
  const { executable, tag, version } = found;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const tooOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (tooOld) return { ok: false, reason: `Python ${major}.${minor} is too old: ${OLDEST.join('.')} or newer` };
  return { ok: true, interpreter: { executable, tag }, managed: false };
}

/** Written last, where the application's user cannot write. */
const Marker = z.object({ executable: z.string() });

function managedMarker({ directory }: PythonOptions, version: string): string {
  return `${directory}/python-${version}.json`;
}

function managed(version: string, executable: string): Found {
  const [, minor] = /^3\.(\d+)/.exec(version) ?? [];
  return { ok: true, interpreter: { executable, tag: `cpython-3${minor}` }, managed: true };
}

/** Installed by uv as the application's user, and root's in the end: what serves cannot change its own interpreter. */
async function managedPython(machine: Machine, options: PythonOptions, version: string): Promise<Found> {
  const failed = (reason: string): Found => ({
    ok: false,
    reason: `python: ${version} is not on this machine, and ${reason}`,
  });
  const uv = await ensureUv(machine, options);
  if (!uv.ok) return failed(uv.reason);
  const folder = `${options.directory}/python`;
  await ensureDirectory(machine, folder, { mode: 0o755 });
  await giveTree(machine, folder, { owner: options.user });
  const settings = pythonSettings(machine, options, folder);
  const installed = await runUv(machine, options, uv.path, ['python', 'install', version], settings);
  const reason = uvFailure(installed, options.timeout, version);
  if (reason !== undefined) return failed(`uv cannot install it: ${reason}`);
  const where = await runUv(
    machine,
    options,
    uv.path,
    ['python', 'find', '--managed-python', '--no-project', version],
    settings,
  );
  const executable = where.stdout.trim().split('\n').at(-1) ?? '';
  if (where.code !== 0 || !executable.startsWith(`${machine.path(folder)}/`))
    return failed('uv does not find what it installed');
  await giveTree(machine, folder, { owner: 'root', group: 'root' });
  makeReadOnly(machine, folder);
  await writeFile(machine, managedMarker(options, version), JSON.stringify({ executable }), { mode: 0o644 });
  return managed(version, executable);
}

/** With a folder of packages no network is asked: the folder is uv's mirror too. UV_PYTHON_INSTALL_MIRROR of the operator wins. */
function pythonSettings(machine: Machine, { pipCacheDir }: PythonOptions, folder: string): Record<string, string> {
  return {
    UV_PYTHON_INSTALL_DIR: machine.path(folder),
    UV_PYTHON_INSTALL_BIN: '0',
    UV_PYTHON_DOWNLOADS: 'manual',
    ...(pipCacheDir === undefined ? {} : { UV_PYTHON_INSTALL_MIRROR: `file://${machine.path(pipCacheDir)}` }),
  };
}
