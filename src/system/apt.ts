import { isPackage, missingPackages } from './dpkg.ts';
import { lastLine } from './last-line.ts';
import type { Machine, RunResult } from './machine.ts';
import { maskUrls } from './mask.ts';
import { type Proxies, proxyEnvironment } from './proxy.ts';

export { isPackage } from './dpkg.ts';

export interface AptOptions {
  /** Seconds to wait for other package managers that hold dpkg's lock; 120 unless told. */
  readonly lockTimeout?: number;
  /** Seconds that one run of apt-get may take besides; 900 unless told. */
  readonly timeout?: number;
  readonly proxies?: Proxies;
  readonly onLine?: (line: string) => void;
}

/** What became of the packages; each problem is one that an operator mends in another way. */
export type AptResult =
  | { readonly ok: true; readonly installed: readonly string[] }
  | { readonly ok: false; readonly problem: 'unknown'; readonly names: readonly string[] }
  | { readonly ok: false; readonly problem: 'locked' }
  | { readonly ok: false; readonly problem: 'unreachable'; readonly detail: string }
  | { readonly ok: false; readonly problem: 'failed'; readonly lastLine: string };

/**
 * Installs those of the packages that are missing, without recommended ones. Package lists are fetched only when apt does not
 * know a name, or knows a file that is gone. A dpkg that was interrupted is put right.
 */
export async function ensurePackages(
  machine: Machine,
  names: readonly string[],
  options: AptOptions = {},
): Promise<AptResult> {
  const invalid = names.filter((name) => !isPackage(name));
  if (invalid.length > 0) return { ok: false, problem: 'unknown', names: invalid };
  const missing = await missingPackages(machine, names);
  if (missing.length === 0) return { ok: true, installed: [] };
  let result = problemOf(await install(machine, missing, options));
  if (result?.problem === 'interrupted') {
    const mended = problemOf(await run(machine, 'dpkg', ['--configure', '-a'], options));
    if (mended !== undefined) return withoutRetry(mended);
    result = problemOf(await install(machine, missing, options));
  }
  if (result?.problem === 'unknown' || result?.problem === 'unreachable') {
    const updated = problemOf(await aptGet(machine, ['update'], options));
    // Lists of other sources may have come all the same: what counts is whether the packages can be had.
    result = problemOf(await install(machine, missing, options));
    if (result?.problem === 'unknown' && updated?.problem === 'unreachable') result = updated;
  }
  return result === undefined ? { ok: true, installed: missing } : withoutRetry(result);
}

function install(machine: Machine, names: readonly string[], options: AptOptions): Promise<RunResult> {
  return aptGet(machine, ['install', '-y', '--no-install-recommends', '--', ...names], options);
}

function aptGet(machine: Machine, args: readonly string[], options: AptOptions): Promise<RunResult> {
  const settings = [
    `DPkg::Lock::Timeout=${options.lockTimeout ?? 120}`,
    'Acquire::Retries=2',
    'Acquire::http::Timeout=30',
    'Acquire::https::Timeout=30',
    'Dpkg::Options::=--force-confdef',
    'Dpkg::Options::=--force-confold',
    'Dpkg::Use-Pty=0',
    // A name with a dot that is no package would otherwise be a regular expression.
    'APT::Cmd::Pattern-Only=true',
  ];
  return run(machine, 'apt-get', ['-q', ...settings.flatMap((setting) => ['-o', setting]), ...args], options);
}

function run(machine: Machine, program: string, args: readonly string[], options: AptOptions): Promise<RunResult> {
  return machine.run(program, args, {
    env: { ...proxyEnvironment(options.proxies ?? {}), NEEDRESTART_MODE: 'l', APT_LISTCHANGES_FRONTEND: 'none' },
    timeout: (options.timeout ?? 900) + (options.lockTimeout ?? 120),
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
}

type Problem = Exclude<AptResult, { ok: true }> | { readonly ok: false; readonly problem: 'interrupted' };

/** Sorts what apt-get and dpkg say into the kinds of AptResult; undefined when it went well. */
function problemOf({ code, stdout, stderr, timedOut }: RunResult): Problem | undefined {
  const said = maskUrls(`${stdout}\n${stderr}`);
  // `apt-get update` reports sources that it could not reach and ends with code 0.
  const unreachable = said.match(/^(?:E|W|Err): (?:Failed to fetch|Unable to fetch|Some index files failed).*$/gm);
  if (code === 0) {
    return unreachable === null ? undefined : { ok: false, problem: 'unreachable', detail: unreachable[0].slice(3) };
  }
  if (/dpkg was interrupted|dpkg --configure -a/.test(said)) return { ok: false, problem: 'interrupted' };
  if (/Could not get lock|Unable to (?:lock|acquire)|is locked by another process|frontend lock/.test(said)) {
    return { ok: false, problem: 'locked' };
  }
  const unknown = [...said.matchAll(UNKNOWN)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  if (unknown.length > 0) return { ok: false, problem: 'unknown', names: [...new Set(unknown)] };
  if (unreachable !== null) return { ok: false, problem: 'unreachable', detail: unreachable[0].slice(3) };
  return { ok: false, problem: 'failed', lastLine: timedOut ? 'apt-get took too long' : lastLine(said) };
}

const UNKNOWN =
  /^E: (?:Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate|Version '.*' for '(.*)' was not found)/gm;

function withoutRetry(problem: Problem): AptResult {
  if (problem.problem !== 'interrupted') return problem;
  return { ok: false, problem: 'failed', lastLine: 'dpkg was interrupted; run dpkg --configure -a' };
}
