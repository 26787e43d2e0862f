import { type AptProblem, type Interrupted, problemOf } from './apt-problem.ts';
import { isPackage, missingPackages } from './dpkg.ts';
import type { Machine, RunResult } from './machine.ts';
import { type Proxies, proxyEnvironment } from './proxy.ts';

export interface AptOptions {
  /** Seconds to wait for other package managers that hold dpkg's lock; 120 unless told. */
  readonly lockTimeout?: number;
  /** Seconds that one run of apt-get may take besides; 900 unless told. */
  readonly timeout?: number;
  readonly proxies?: Proxies;
  readonly onLine?: (line: string) => void;
}

/** What became of the packages. */
export type AptResult = { readonly ok: true; readonly installed: readonly string[] } | AptProblem;

const LOCK_TIMEOUT = 120;
const TIMEOUT = 900;

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
  let problem = await install(machine, missing, options);
  if (problem?.problem === 'interrupted') {
    problem = problemOf(await run(machine, 'dpkg', ['--configure', '-a'], options));
    problem ??= await install(machine, missing, options);
  }
  if (problem?.problem === 'unknown' || problem?.problem === 'unreachable') {
    const updated = await update(machine, options);
    // Lists of other sources may have come all the same: what counts is whether the packages can be had.
    problem = await install(machine, missing, options);
    if (problem?.problem === 'unknown' && updated?.problem === 'unreachable') problem = updated;
  }
  if (problem === undefined) return { ok: true, installed: missing };
  if (problem.problem !== 'interrupted') return problem;
  return { ok: false, problem: 'failed', lastLine: 'dpkg was interrupted; run dpkg --configure -a' };
}

async function install(
  machine: Machine,
  names: readonly string[],
  options: AptOptions,
): Promise<AptProblem | Interrupted | undefined> {
  const args = ['install', '-y', '--no-install-recommends', '--', ...names];
  return asAsked(problemOf(await aptGet(machine, args, options)), names);
}

/** A version that does not exist is named as it was asked for. */
function asAsked<T extends AptProblem | Interrupted | undefined>(problem: T, names: readonly string[]): T | AptProblem {
  if (problem?.problem !== 'unknown') return problem;
  const asked = problem.names.map((name) => names.find((each) => each.replace(/[:=].*$/, '') === name) ?? name);
  return { ...problem, names: asked };
}

/** The lists have a lock of their own, for which apt-get does not wait. */
async function update(machine: Machine, options: AptOptions): Promise<AptProblem | Interrupted | undefined> {
  const until = machine.clock.now() + (options.lockTimeout ?? LOCK_TIMEOUT) * 1000;
  for (;;) {
    const problem = problemOf(await aptGet(machine, ['update'], options));
    if (problem?.problem !== 'locked' || machine.clock.now() > until) return problem;
    await machine.clock.pause(1000);
  }
}

function aptGet(machine: Machine, args: readonly string[], options: AptOptions): Promise<RunResult> {
  const settings = [
    `DPkg::Lock::Timeout=${options.lockTimeout ?? LOCK_TIMEOUT}`,
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

async function run(
  machine: Machine,
  program: string,
  args: readonly string[],
  options: AptOptions,
): Promise<RunResult> {
  const timeout = (options.timeout ?? TIMEOUT) + (options.lockTimeout ?? LOCK_TIMEOUT);
  const result = await machine.run(program, args, {
    env: { ...proxyEnvironment(options.proxies ?? {}), NEEDRESTART_MODE: 'l', APT_LISTCHANGES_FRONTEND: 'none' },
    timeout,
    onLine: options.onLine,
  });
  return result.timedOut ? { ...result, stderr: `${program} took longer than ${timeout} s` } : result;
}
