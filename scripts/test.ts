/**
 * `npm test`: the static checks and all tests, and as the last line `N passed, N failed`; what was left out is said before.
 * With arguments (`npm test -- --project unit packages/charm-build`) only the tests that they name to vitest.
 * `--machine=require` fails where the tests on real machines, or those that need a server or Go, cannot run, with
 * arguments too; `--machine=skip` leaves the former out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_REQUIRED } from '../test/servers/required.ts';
import { check, root } from './lib/checks.ts';
import { machineTests } from './lib/machine-tests.ts';
import type { ProjectTally } from './lib/tally.ts';

const MODE = '--machine=';
const all = process.argv.slice(2);
const args = all.filter((argument) => !argument.startsWith(MODE));
const mode = all.find((argument) => argument.startsWith(MODE))?.slice(MODE.length) ?? 'auto';
const everything = args.length === 0;

let passed = 0;
let failed = 0;
let skipped = 0;
const remarks: string[] = [];

if (everything) {
  const checked = check();
  passed += checked.passed.length;
  failed += checked.failed.length;
  skipped += checked.skipped.length;
}

const machine = everything || mode === 'require' ? await machineTests(mode) : { run: true, why: '' };
if (!machine.run) {
  remarks.push(`The tests on real machines (test/machine) are left out: ${machine.why}`);
  if (mode === 'require') failed += 1;
}

const { projects, crashed } = vitest([...(machine.run ? [] : ['--project', '!machine']), ...args]);
for (const [name, tally] of Object.entries(projects)) {
  passed += tally.passed;
  failed += tally.failed;
  skipped += tally.skipped;
  remarks.push(
    `${name}: ${tally.passed} passed, ${tally.failed} failed in ${(tally.milliseconds / 1000).toFixed(1)} s`,
  );
  for (const [why, count] of Object.entries(tally.leftOut)) {
    remarks.push(`  ${count} left out: ${why}`);
  }
}
if (crashed && failed === 0) failed += 1;

console.log(`\n${remarks.join('\n')}`);
if (skipped > 0) console.log(`${skipped} left out`);
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

function vitest(options: readonly string[]): { projects: Record<string, ProjectTally>; crashed: boolean } {
  const scratch = mkdtempSync(join(tmpdir(), 'layer-wsgi-test-'));
  const file = join(scratch, 'tally.json');
  try {
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/lib/tally.ts')}`];
    const run = spawnSync('vitest', ['run', ...reporters, ...options], {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        TALLY_FILE: file,
        ...(mode === 'require' ? { [ALL_REQUIRED]: 'yes' } : {}),
      },
    });
    return { projects: tallied(file), crashed: run.status !== 0 };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Nothing is tallied when vitest ends before its run does: a bad argument, or no test file that fits. */
function tallied(file: string): Record<string, ProjectTally> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).projects;
  } catch {
    return {};
  }
}
