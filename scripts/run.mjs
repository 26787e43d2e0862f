/**
 * The one door of every npm script: `node scripts/run.mjs VERB [ARGUMENTS]`.
 * Runs under any Node 20 or newer on a fresh clone with nothing installed: it installs what the lock file names, and
 * hands over to scripts/VERB.ts under the project's own Node from node_modules/.bin.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchable } from './lib/searchable.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', '.bin');
const [verb = '', ...args] = process.argv.slice(2);

const verbs = readdirSync(join(root, 'scripts'))
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => name.slice(0, -'.ts'.length))
  .sort();
if (!verbs.includes(verb)) fail(`unknown script "${verb}"; there are: ${verbs.join(', ')}`, 2);

if (!installed()) install();

const node = join(bin, 'node');
const modern = Number.parseInt(process.versions.node, 10) >= 24;
if (!existsSync(node) && !modern) {
  fail(`no Node 24 for ${process.platform} ${process.arch} came with the packages; run this with Node 24 or newer`, 1);
}
const child = spawn(
  existsSync(node) ? node : process.execPath,
  ['--disable-warning=ExperimentalWarning', join(root, 'scripts', `${verb}.ts`), ...args],
  { stdio: 'inherit', env: { ...process.env, PATH: [bin, ...searchable(process.env.PATH ?? '')].join(delimiter) } },
);
// Ctrl-C reaches the child by itself; it ends when it has stopped what it started, and so do we.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(error.message, 1));
child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? 'SIGTERM']));

/** Whether node_modules holds what the lock file names; an optional package may be absent, but not of another version. */
function installed() {
  const present = packages(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(packages(join(root, 'package-lock.json'))).every(([path, wanted]) => {
    const found = present[path];
    if (path === '' || (found === undefined && wanted.optional)) return true;
    return found?.version === wanted.version && found?.integrity === wanted.integrity;
  });
}

function packages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

function install() {
  const started = Date.now();
  process.stderr.write('Installing the packages that package-lock.json names (once, about a minute) ...');
  // Errors only: some packages ask for a newer Node than the one that runs npm, and it is the newer one that will run them.
  const npm = spawnSync('npm', ['ci', '--loglevel=error', '--no-fund', '--no-audit'], { cwd: root, encoding: 'utf8' });
  if (npm.status === 0) {
    process.stderr.write(` done in ${Math.round((Date.now() - started) / 1000)} s\n`);
    return;
  }
  process.stderr.write('\n');
  fail(`npm ci failed, so nothing can run:\n${npm.error?.message ?? ''}${npm.stdout}${npm.stderr}`, 1);
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
