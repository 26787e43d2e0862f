import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(import.meta.dirname, '../..');

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
    { name: 'shell (shellcheck)', argv: ['shellcheck', '--external-sources', ...shellScripts()] },
  ];
  const outcome = { passed: [] as string[], failed: [] as string[], skipped: [] as string[] };
  for (const { name, argv } of checks) {
    const [program, ...args] = argv;
    const started = performance.now();
    const run = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const missing = run.error !== undefined && 'code' in run.error && run.error.code === 'ENOENT';
    const kind = missing ? 'skipped' : run.status === 0 ? 'passed' : 'failed';
    outcome[kind].push(name);
    console.log(`${kind === 'skipped' ? `skipped, no ${program} here` : kind}: ${name} (${seconds} s)`);
    if (kind === 'failed') process.stdout.write(`${run.stdout}${run.stderr}`);
  }
  return outcome;
}

/** Launchers first: each is a file of its own that Juju runs. */
function shellScripts(): string[] {
  const launchers = ['hooks', 'actions'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  return [...launchers, 'packages/charm-build/launch.sh', '.ci/run'];
}
