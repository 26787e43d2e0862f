import { existsSync, globSync } from 'node:fs';
import { mkdtemp, readFile, readlink, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';
import { packageIndex } from '../servers/package-index.ts';
import { preloadedCharm } from '../setup/preloaded-charm.ts';
import { outputOf } from '../setup/real-machines.ts';
import { archiveOf, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const CLOCK = join(import.meta.dirname, '../setup/shifted-clock.ts');
const SERVING = { current: 'active', message: 'serving r1 on port 8080' };

let model: LocalModel & AsyncDisposable;
let sandbox: Sandbox;
let base: string;
let clock: string;

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'layer-wsgi-faults-'));
  clock = join(base, 'days');
  model = await newModel();
  const charm = await preloadedCharm(base, CLOCK, ['CLOCK_DAYS', clock]);
  await model.deploy(charm, { application: 'wsgi', config: { port: '8080', apt_lock_timeout: '1', ...QUICK } });
  sandbox = await Sandbox.open(join(model.dir, 'machines/0'));
  expect(await statusOf(model)).toEqual(SERVING);
});
afterAll(async () => {
  const failed = model.log({}).filter(({ message }) => /hook failed|awaiting error/.test(message));
  await model[Symbol.asyncDispose]();
  await rm(base, { recursive: true });
  expect(failed).toEqual([]);
});

const inCharm = (name: string) => join(sandbox.rootOnHost, 'var/lib/juju/agents/unit-wsgi-0/charm', name);
const mainProcess = () => outputOf(sandbox, 'systemctl show -p MainPID --value gunicorn3.service');

/** A package that the sandbox can install, and that neither it nor the computer of the test has yet. */
async function missingPackage(): Promise<string> {
  const names = ['uwsgi', 'python3-pymongo', 'libldap2-dev', 'libsasl2-dev', 'nagios-nrpe-server', 'rsyslog'];
  const query = `for name in ${names.join(' ')}; do dpkg-query -W "$name" >/dev/null 2>&1 || echo "$name"; done`;
  return (await outputOf(sandbox, query)).split('\n')[0] ?? '';
}

test.each([
  ['dpkg-locked', /^apt: another program is installing packages/],
  ['apt-index-unreachable', /^apt: the package index cannot be reached: /],
] as const)('%s: the unit waits and serves on, and goes ahead once that is over', async (fault, says) => {
  await sandbox.fault(fault, '4711');
  await model.config('wsgi', { apt_dependencies: await missingPackage() });
  expect(await statusOf(model)).toEqual({ current: 'waiting', message: expect.stringMatching(says) });
  expect(await page(model)).toBe('It works! Revision 1');
  await sandbox.mend(fault);
  await model.advance('5m');
  expect(await statusOf(model)).toEqual(SERVING);
});

const torn = (text: string) => text.slice(0, text.length / 2);
/** Every value is of another type than it was, and all of it is JSON. */
const scribbled = (text: string) =>
  JSON.stringify(JSON.parse(text), (key, value) => (/^(?:wsgi|juju)\./.test(key) ? [7] : value));

test.each([
  ['torn store', ['.reactive.json'], torn],
  ['torn private record', ['.private.json'], torn],
  ['torn store and private record', ['.reactive.json', '.private.json'], torn],
  ['store and private record with a hand in them', ['.reactive.json', '.private.json'], scribbled],
])('a %s: the next hook finds the world by looking at it, and restarts nothing', async (name, files, damage) => {
  const before = await mainProcess();
  for (const file of files) await writeFile(inCharm(file), damage(await readFile(inCharm(file), 'utf8')));
  await model.advance('5m');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await mainProcess()).toBe(before);
  expect(JSON.parse(await readFile(inCharm('.reactive.json'), 'utf8')).data['wsgi.builds']).toMatchObject({
    latest: 'r1',
    served: ['r1'],
  });
  expect(JSON.parse(await readFile(inCharm('.private.json'), 'utf8'))['wsgi.served.config']).toHaveProperty(
    'port',
    8080,
  );
  await model.config('wsgi', { environment_variables: `DAMAGED='${name}'` });
  expect(await statusOf(model)).toEqual(SERVING);
});

test.each([
  ['a day ahead', 1],
  ['back by a day', -1],
])('a clock that jumps %s changes nothing by itself, and changes are made as ever', async (_, days) => {
  await writeFile(clock, String(days));
  const before = await mainProcess();
  const then = Date.now() / 1000 + days * 86_400;
  for (const name of ['gunicorn3.service', 'gunicorn3-8080.socket']) {
    await utimes(join(sandbox.rootOnHost, 'etc/systemd/system', name), then, then);
  }
  await model.advance('5m');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await mainProcess()).toBe(before);
  await model.config('wsgi', { environment_variables: `DAYS=${days}` });
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await mainProcess()).not.toBe(before);
});

test('a virtual environment and a build that somebody removed are back after the next update-status, and serve', async () => {
  const inMachine = (pattern: string) => globSync(join(sandbox.rootOnHost, pattern))[0] ?? '';
  const [venv, build] = [dirname(inMachine('opt/gunicorn3/venvs/*/pyvenv.cfg')), inMachine('srv/r1')];
  const lost: string[] = [];
  for (const [path, says] of [
    [join(venv, 'bin/python3'), /virtual environment is damaged/],
    [venv, /virtual environment is damaged.*it is gone/],
    [build, /build r1 is not in .* any more/],
  ] as const) {
    expect(existsSync(path)).toBe(true);
    await rm(path, { recursive: true });
    lost.push(await page(model));
    await model.advance('5m');
    expect(await statusOf(model)).toEqual(SERVING);
    expect(existsSync(path)).toBe(true);
    expect(model.log({}).filter(({ message }) => says.test(message))).not.toEqual([]);
    // What runs works in the folder that is there, and what is there starts.
    const cwd = await readlink(`/proc/${await mainProcess()}/cwd`);
    expect(cwd).toBe(build);
    await outputOf(sandbox, 'systemctl restart gunicorn3.service');
    lost.push(await page(model));
  }
  expect(new Set(lost)).toEqual(new Set(['It works! Revision 1']));
});

test('an index that is gone half-way keeps the old build serving, and the next hook goes ahead', async () => {
  const wheels = globSync(join(import.meta.dirname, '../../wheels/packaging-*.whl'));
  await using index = await packageIndex(wheels);
  index.breaksOff = true;
  const files = {
    'wsgi.py': await readFile(join(import.meta.dirname, '../../files/r2/wsgi.py'), 'utf8'),
    'requirements.txt': `--index-url http://${index.authority}/simple/\npackaging\n`,
    BUILD_LABEL: 'needs-index',
  };
  await model.attachResource('wsgi', 'build', await archiveOf(files));
  expect(await statusOf(model)).toMatchObject({
    current: 'blocked',
    message: expect.stringMatching(/^requirements: /),
  });
  expect(await page(model)).toBe('It works! Revision 1');
  index.breaksOff = false;
  await model.advance('5m');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving needs-index on port 8080' });
  expect(await page(model)).toBe('It works! Revision 2');
});
