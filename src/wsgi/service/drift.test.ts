/** What somebody changed by hand is put right by the next hook that looks, update-status included. */
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  relationCreated,
  run,
  state,
} from '../../../packages/charm-testing/index.ts';
import { createMachine } from '../../system/real-machine.ts';
import { processDrift } from './drift.ts';

const UNIT = '/etc/systemd/system/gunicorn3.service';
const SOCKET = '/etc/systemd/system/gunicorn3-80.socket';

let charm: Charm;
let served: Outcome;
beforeAll(async () => {
  charm = await loadCharm('.');
  const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: {} };
  const installed = await run(
    charm,
    'install',
    state({ unit: 'wsgi/0', config: { settle_time: 0 }, relations: [website] }),
  );
  served = await run(charm, relationCreated('website:1'), installed);
  expect(served.relations[0]?.localUnitData).toMatchObject({ port: '80' });
});

const textOf = (world: Outcome, path: string) => String(world.files[path]);
const logged = (world: Outcome) => world.log.map(({ message }) => message).join('\n');

describe.each([
  ['User=root in the unit', UNIT, (text: string) => text.replace(/^User=.*$/m, 'User=root')],
  ['another port in the socket', SOCKET, (text: string) => text.replace('0.0.0.0:80', '0.0.0.0:81')],
])('%s', (_, path, change) => {
  test('goes, and the log says so', async () => {
    const files = { ...served.files, [path]: change(textOf(served, path)) };
    expect(files[path]).not.toBe(textOf(served, path));
    const after = await run(charm, 'update-status', { ...served, files });
    expect(textOf(after, path)).toBe(textOf(served, path));
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(logged(after)).toContain(`${path} was changed by hand`);
  });
});

test('a wheel that is served with is no other for being no text', async () => {
  const config = { ...served.config, static_files: '/static/=static' };
  const first = await run(charm, 'config-changed', { ...served, config });
  const after = await run(charm, 'start', first);
  expect(logged(after)).not.toContain('by hand');
  expect(after.ran.filter(({ args }) => /^(?:re)?start /.test(args.join(' ')))).toEqual([]);
});

test('a socket unit that was removed comes back', async () => {
  const { [SOCKET]: removed, ...files } = served.files;
  const after = await run(charm, 'update-status', { ...served, files });
  expect(textOf(after, SOCKET)).toBe(String(removed));
  expect(after.status).toMatchObject({ status: 'active' });
});

/** A world in which what is at and below a path was removed. */
function without(path: string) {
  const rest = <T>(all: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(all).filter(([each]) => each !== path && !each.startsWith(`${path}/`)));
  return { ...served, files: rest(served.files), modes: rest(served.modes) };
}
const pathOf = (pattern: RegExp) => Object.keys(served.files).find((each) => pattern.test(each)) ?? '';

test.each([
  ['a virtual environment', () => dirname(pathOf(/venvs\/\w+\/pyvenv.cfg$/)), /virtual environment is damaged.*gone/],
  ['a file of it', () => pathOf(/venvs\/\w+\/pyvenv.cfg$/), /virtual environment is damaged.*: 1 of its \d+ files/],
  ['its marker', () => pathOf(/venvs\/\w+\.json$/), /^/],
  ['a build', () => dirname(pathOf(/r1\/wsgi.py$/)), /build r1 is not in .*r1 any more/],
  ['a file of it', () => pathOf(/r1\/wsgi.py$/), /build r1 is not in .*r1 any more/],
])('%s that was removed comes back in update-status, and then nothing is left to do', async (_, which, says) => {
  const path = which();
  expect(path).not.toBe('.');
  const after = await run(charm, 'update-status', without(path));
  expect(Object.keys(after.files).filter((each) => !(each in served.files))).toEqual([]);
  expect(Object.keys(served.files).filter((each) => !(each in after.files))).toEqual([]);
  expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
  expect(logged(after)).toMatch(says);
  const quiet = await run(charm, 'update-status', after);
  expect(quiet.ran).toEqual([]);
});

test('a build whose source is not at hand any more is said to be missing, and what runs goes on', async () => {
  const root = dirname(dirname(pathOf(/r1\/wsgi.py$/)));
  const config = { ...served.config, archive_filename: 'other.tar.gz' };
  const after = await run(charm, 'config-changed', { ...without(`${root}/r1`), config });
  expect(after.status).toMatchObject({
    message: expect.stringMatching(/^build_label: the charm has no files\/r1\/other.tar.gz; /),
  });
  expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
});

describe('a process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'drift-'));
  const child = spawn('sleep', ['600'], { cwd: mkdirSync(join(folder, 'build'), { recursive: true }) });
  afterAll(() => {
    child.kill();
    rmSync(folder, { recursive: true });
  });
  const machine = createMachine(folder);
  const wanted = { process: { user: 'wsgi' } } as const;
  const drift = (user: string) => processDrift(machine, wanted, { pid: child.pid, user });
  const state = join(folder, 'var/lib/wsgi');

  test('of another user than the one that its unit asks for is not as it was started', () => {
    mkdirSync(state, { recursive: true });
    expect(drift('wsgi')).toBeUndefined();
    rmSync(state, { recursive: true });
    // The state directory is the user's: of root, or, where that runs the test, of anybody else.
    if (process.getuid?.() !== 0) symlinkSync('/', state);
    else chownSync(mkdirSync(state, { recursive: true }) ?? state, 12_345, 12_345);
    expect(drift('wsgi')).toBe('it is not the user wsgi');
    expect(drift('root')).toBeUndefined();
  });

  test('whose folder was removed is not as it was started', () => {
    rmSync(join(folder, 'build'), { recursive: true });
    mkdirSync(join(folder, 'build'));
    expect(drift('root')).toBe('its folder was removed');
  });
});

test('an application that no longer answers is not shown active, and leaves website, and comes back to it', async () => {
  const service = { ...served.services['gunicorn3.service'], active: true, enabled: true };
  const world = (http: number | 'silent') => ({
    ...served,
    services: { ...served.services, 'gunicorn3.service': { ...service, http } },
  });
  const after = await run(charm, 'start', world('silent'));
  expect(after.status).toMatchObject({
    status: 'blocked',
    message: expect.stringMatching(/^gunicorn3.service runs and does not serve: no answer on \/ within 5 s/),
  });
  expect(after.relations[0]?.localUnitData).not.toHaveProperty('port');
  const back = await run(charm, 'update-status', { ...after, services: world(200).services });
  expect(back.status).toMatchObject({ status: 'active' });
  expect(back.relations[0]?.localUnitData).toMatchObject({ port: '80' });
});
