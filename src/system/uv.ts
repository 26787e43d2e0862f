/** uv: installed into a tool environment by the carried pip, and run as the application's user. Source: docs.astral.sh/uv. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentFile } from './environment-file.ts';
import { ensureDirectory, giveTree, readFile, removeFile, removeTree, writeFile } from './files.ts';
import { lastLine } from './last-line.ts';
import type { Machine, RunResult } from './machine.ts';
import { maskUrls } from './mask.ts';
import { type PipOptions, runPip } from './pip.ts';
import { explained } from './pip-failure.ts';
import { proxyEnvironment } from './proxy.ts';
import { makeReadOnly } from './read-only-tree.ts';
import { transient } from './transient.ts';
import { carriedWheels } from './venv-key.ts';

export interface UvOptions extends PipOptions {
  /** The folder of wheels that the charm carries, as a path on this host. */
  readonly wheels: string;
}

/** `reason` is a sentence. */
export type UvTool = { readonly ok: true; readonly path: string } | { readonly ok: false; readonly reason: string };

/** Puts the wheels that the charm carries where the application's user can read them. */
export async function putWheels(
  machine: Machine,
  { directory, wheels }: Pick<UvOptions, 'directory' | 'wheels'>,
): Promise<void> {
  for (const name of carriedWheels(wheels)) {
    await writeFile(machine, `${directory}/wheels/${name}`, readFileSync(join(wheels, name)), { mode: 0o644 });
  }
}

/** Makes the tool environment with uv, unless it is there. */
export async function ensureUv(machine: Machine, options: UvOptions): Promise<UvTool> {
  const path = `${options.directory}/uv`;
  const marker = `${options.directory}/uv.json`;
  const finished = (await readFile(machine, marker)) !== undefined && existsSync(machine.path(`${path}/bin/uv`));
  if (finished) return { ok: true, path: `${path}/bin/uv` };
  await ensureDirectory(machine, options.directory, { mode: 0o755 });
  await removeTree(machine, path);
  const venv = ['-I', '-m', 'venv', '--without-pip', machine.path(path)];
  const { code, stdout, stderr } = await machine.run('python3', venv, { timeout: 120 });
  if (code !== 0) return { ok: false, reason: `python3 -m venv: ${lastLine(stderr || stdout)}` };
  await putWheels(machine, options);
  await giveTree(machine, path, { owner: options.user });
  const from =
    options.pipCacheDir === undefined ? [] : ['--no-index', '--find-links', machine.path(options.pipCacheDir)];
  const failed = await runPip(machine, options, path, [...from, '--only-binary', ':all:', 'uv']);
  if (failed !== undefined) {
    await removeTree(machine, path);
    const mend = options.pipCacheDir === undefined ? '' : '; put a wheel of uv into pip_cache_dir';
    return { ok: false, reason: `uv, which is needed here, cannot be installed: ${failed}${mend}` };
  }
  await giveTree(machine, path, { owner: 'root', group: 'root' });
  makeReadOnly(machine, path);
  await writeFile(machine, marker, '{}', { mode: 0o644 });
  return { ok: true, path: `${path}/bin/uv` };
}

/** What is alike in every run: nothing is asked, downloaded or written that the run is not about. */
const SETTINGS = {
  UV_NO_PROGRESS: '1',
  // The certificates that the machine trusts, as for pip: a proxy or an index of one's own may have no others.
  UV_SYSTEM_CERTS: '1',
  UV_PYTHON_DOWNLOADS: 'never',
  // Files of an environment are root's in the end: they may be no hard links into the cache of the user.
  UV_LINK_MODE: 'copy',
};

/**
 * Runs uv in the build as a transient unit of the application's user, with the environment, proxies and limits of pip.
 *
 * @param variables - settings of uv for this run; those of the operator win
 */
export function runUv(
  machine: Machine,
  options: UvOptions,
  uv: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<RunResult> {
  return withSettings(machine, options, { ...SETTINGS, ...variables }, (files) =>
    transient(
      machine,
      {
        unit: 'gunicorn3-uv',
        user: options.user,
        workingDirectory: options.build,
        environmentFile: files,
        timeout: options.timeout,
        properties: ['UMask=0022', 'NoNewPrivileges=yes'],
        onLine: (line) => options.onLine?.(maskUrls(line)),
      },
      [machine.path(uv), '--color', 'never', ...args],
    ),
  );
}

async function withSettings<T>(
  machine: Machine,
  options: UvOptions,
  variables: Readonly<Record<string, string>>,
  run: (files: readonly string[]) => Promise<T>,
): Promise<T> {
  const cache = `${options.directory}/uv-cache`;
  const settings = `${options.directory}/uv.environment`;
  await ensureDirectory(machine, cache, { mode: 0o700, owner: options.user });
  const all = { ...variables, UV_CACHE_DIR: machine.path(cache), ...proxyEnvironment(options.proxies ?? {}) };
  await writeFile(machine, settings, environmentFile(new Map(Object.entries(all))), { mode: 0o600 });
  try {
    return await run([settings, ...[options.environmentFile ?? []].flat()]);
  } finally {
    await removeFile(machine, settings);
  }
}

/**
 * Why uv failed, and what mends it, in one line; undefined where it did not.
 *
 * @param python - of the environment, as `3.11`
 */
export function uvFailure(
  { code, stdout, stderr, timedOut }: RunResult,
  timeout: number,
  python: string,
): string | undefined {
  if (code === 0) return undefined;
  if (timedOut) return `uv took longer than ${timeout} s`;
  const said = maskUrls(`${stdout}\n${stderr}`);
  return wrongLock(said) ?? explained(said, python, false) ?? `uv: ${inOneLine(said, code)}`;
}

function wrongLock(said: string): string | undefined {
  if (
    /Failed to parse `uv\.lock`|lockfile at `uv\.lock` needs to be updated|Could not find root package|Unable to find lockfile/.test(
      said,
    )
  ) {
    return 'uv.lock is not a lock of this pyproject.toml; run uv lock, and build again';
  }
  const [, wanted] = /Required uv version `([^`]+)` does not match/.exec(said) ?? [];
  return wanted && `pyproject.toml asks for uv ${wanted}, and the newest is used here; relax tool.uv required-version`;
}

/** What failed, and its deepest cause: uv prints a chain of them below its error. */
function inOneLine(said: string, code: number): string {
  const lines = said.split('\n').map((line) => line.replace(/^[\s×├╰│─▶|]+/, '').trim());
  const error = lines.findLast((line) => line.startsWith('error: '))?.slice('error: '.length);
  const top = error ?? /^\s*×\s*(.*)$/m.exec(said)?.[1];
  const causes = lines.filter((line) => /^(?:cause|Caused by): /i.test(line));
  const cause = causes.at(-1)?.replace(/^(?:cause|Caused by): /i, '');
  if (top === undefined) return lastLine(said) || `exit code ${code}`;
  return lastLine(cause === undefined || top.includes(cause) ? top : `${top}: ${cause}`);
}
