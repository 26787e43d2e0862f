import { existsSync, readdirSync } from 'node:fs';
import { environmentFile } from './environment-file.ts';
import { ensureDirectory, removeFile, writeFile } from './files.ts';
import type { Machine, RunResult } from './machine.ts';
import { maskUrls } from './mask.ts';
import { explained, pipReason } from './pip-failure.ts';
import { type Proxies, proxyEnvironment } from './proxy.ts';
import { transient } from './transient.ts';

/** How pip is run. Paths are paths of the machine. */
export interface PipOptions {
  /** Folder of all environments. */
  readonly directory: string;
  /** pip's working directory, which paths in requirements are relative to. */
  readonly build: string;
  /** pip runs code of what it installs: as the application's user. */
  readonly user: string;
  /** The application's environment, as files for EnvironmentFile=. */
  readonly environmentFile?: string | readonly string[];
  /** The only place that packages come from; no network is asked then. */
  readonly pipCacheDir?: string;
  readonly proxies?: Proxies;
  /** Seconds that one run of pip may take. */
  readonly timeout: number;
  /** Each line of pip's output, with the user-info of URLs masked. */
  readonly onLine?: (line: string) => void;
}

const FLAGS = ['--disable-pip-version-check', '--no-input', '--no-color', '--progress-bar', 'off'];
/** Seconds and attempts that fit in the time bound, and still outlast a hiccup of the network. */
const PATIENCE = ['--timeout', '30', '--retries', '3'];
/** A proxy address on which nothing listens, so that a download fails at once, such as of a URL in a wheel's metadata. */
const NOWHERE: Proxies = { http: 'http://127.0.0.1:9', https: 'http://127.0.0.1:9' };

/**
 * Runs `pip install` in a virtual environment, as a transient unit of the application's user.
 *
 * @param venv - path of the environment, which that user owns while pip runs
 * @returns why it failed, in a sentence; undefined when it went well
 */
export async function runPip(
  machine: Machine,
  options: PipOptions,
  venv: string,
  args: readonly string[],
): Promise<string | undefined> {
  const cache = `${options.directory}/cache`;
  const settings = `${options.directory}/pip.environment`;
  const offline = args.includes('--no-index');
  await ensureDirectory(machine, cache, { mode: 0o700, owner: options.user });
  // Proxies may hold a password: not for the process list.
  const proxies = proxyEnvironment(offline ? NOWHERE : (options.proxies ?? {}));
  await writeFile(machine, settings, environmentFile(new Map(Object.entries(proxies))), { mode: 0o600 });
  const own = [options.environmentFile ?? []].flat();
  try {
    const result = await transient(
      machine,
      {
        unit: 'gunicorn3-pip',
        user: options.user,
        workingDirectory: options.build,
        // The application's own proxies win over the model's, and none over no network at all.
        environmentFile: offline ? [...own, settings] : [settings, ...own],
        timeout: options.timeout,
        properties: ['UMask=0022', 'NoNewPrivileges=yes'],
        onLine: (line) => options.onLine?.(maskUrls(line)),
      },
      [
        machine.path(`${venv}/bin/python`),
        `${pipWheel(machine, options)}/pip`,
        'install',
        ...FLAGS,
        ...PATIENCE,
        '--cache-dir',
        machine.path(cache),
        ...args,
      ],
    );
    return failure(result, options.timeout, pythonIn(machine, venv), offline);
  } finally {
    await removeFile(machine, settings);
  }
}

/** Where Debian's python3-pip-whl, which python3-venv brings, has pip for charms that carry none. */
const DEBIAN_WHEELS = '/usr/share/python-wheels';

function pipWheel(machine: Machine, options: PipOptions): string {
  for (const folder of [`${options.directory}/wheels`, DEBIAN_WHEELS]) {
    const path = machine.path(folder);
    const wheels = existsSync(path) ? readdirSync(path).filter((name) => /^pip-.*\.whl$/.test(name)) : [];
    const newest = wheels.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
    if (newest !== undefined) return `${path}/${newest}`;
  }
  throw new Error(`The charm carries no wheel of pip, and there is none in ${DEBIAN_WHEELS}`);
}

/** `3.11` */
function pythonIn(machine: Machine, venv: string): string {
  const lib = machine.path(`${venv}/lib`);
  const name = existsSync(lib) ? readdirSync(lib).find((each) => /^python\d/.test(each)) : undefined;
  return name?.slice('python'.length) ?? 'another Python';
}

function failure(
  { code, stdout, stderr, timedOut }: RunResult,
  timeout: number,
  python: string,
  offline: boolean,
): string | undefined {
  if (code === 0) return undefined;
  if (timedOut) return `pip took longer than ${timeout} s`;
  const said = maskUrls(`${stdout}\n${stderr}`);
  const before = trouble(said);
  const known = before === undefined ? explained(said, python, offline) : undefined;
  if (known !== undefined) return known;
  const reason = pipReason(said, code);
  return before === undefined ? `pip: ${reason}` : `pip ${before}: ${reason}`;
}

/** What pip says on the way, when it cannot use an index; its last line then blames the requirement. */
function trouble(said: string): string | undefined {
  const [, broken] = /after connection broken by '(.*)'/.exec(said) ?? [];
  if (broken !== undefined) {
    const words =
      /\[Errno -?\d+\] ([^'")]+)/.exec(broken)?.[1] ?? /timed out/.exec(broken)?.[0] ?? /^\w+/.exec(broken)?.[0];
    return `cannot reach a package index (${words ?? 'connection broken'})`;
  }
  const [, untrusted] = /The repository located at (\S+) is not a trusted or secure host/.exec(said) ?? [];
  return untrusted && `does not trust the index at ${untrusted}, which has no TLS`;
}
