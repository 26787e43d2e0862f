import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

const STAND_IN = 'packages/local-juju/systemd-stand-in';

export interface Checked {
  /** Names of the checks that passed, failed, and could not be made on this machine. */
  readonly passed: readonly string[];
  readonly failed: readonly string[];
  readonly skipped: readonly string[];
}

interface Check {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
}

/** Runs every static check and prints what each says; a tool that this machine lacks is named and left out. */
export function check(options: { readonly write?: boolean } = {}): Checked {
  const checks: readonly Check[] = [
    { name: 'types (tsc)', argv: ['tsc'] },
    {
      name: 'format and lint (biome)',
      argv: ['biome', 'check', '--error-on-warnings', ...(options.write ? ['--write'] : []), '.'],
    },
    {
      name: 'imports (dependency-cruiser)',
      argv: ['depcruise', '--config', '.dependency-cruiser.js', 'src', 'packages', 'scripts'],
    },
    {
      name: 'dead files and exports (knip)',
      argv: ['knip', '--include', 'files,exports,unlisted,unresolved', '--no-progress', '--no-config-hints'],
    },
    {
      name: 'imports of the Python programs',
      argv: ['python3', `${STAND_IN}/check_imports.py`, STAND_IN, 'packages/local-juju/sandbox', 'src/bridge/python'],
    },
    { name: 'shell (shellcheck)', argv: ['shellcheck', '--external-sources', ...shellScripts()] },
  ];
  const outcome = { passed: [] as string[], failed: [] as string[], skipped: [] as string[] };
  for (const { name, argv } of checks) {
    const started = performance.now();
    const { kind, said } = runCheck(argv);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    outcome[kind].push(name);
    console.log(`${kind === 'skipped' ? `skipped, no ${argv[0]} here` : kind}: ${name} (${seconds} s)`);
    if (kind === 'failed') console.log(said.trimEnd());
  }
  return outcome;
}

/** Runs one program: skipped where there is none of that name; what it said, or why it could not be started. */
export function runCheck(argv: Check['argv']): { readonly kind: keyof Checked; readonly said: string } {
  const [program, ...args] = argv;
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (error === undefined) return { kind: status === 0 ? 'passed' : 'failed', said: `${stdout}${stderr}` };
  const missing = 'code' in error && error.code === 'ENOENT';
  return { kind: missing ? 'skipped' : 'failed', said: `${error.message}\n` };
}

/** Launchers first: each is a file of its own that Juju runs. */
function shellScripts(): string[] {
  const launchers = ['hooks', 'actions'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  return [...launchers, 'packages/charm-build/launch.sh', '.ci/run'];
}
