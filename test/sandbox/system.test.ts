import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';
import { ensurePackages } from '../../src/system/apt.ts';
import { missingPackages } from '../../src/system/dpkg.ts';
import { environmentFile } from '../../src/system/environment-file.ts';
import { ensureDirectory, writeFile } from '../../src/system/files.ts';
import { whoListens } from '../../src/system/listeners.ts';
import type { Machine } from '../../src/system/machine.ts';
import { createMachine } from '../../src/system/real-machine.ts';
import { daemonReload, isActive, show, start, stop } from '../../src/system/systemd.ts';
import { type TransientUnit, transient } from '../../src/system/transient.ts';
import { ensureUser, lookUpUser } from '../../src/system/users.ts';
import { ensureVenv } from '../../src/system/venv.ts';

let folder: string;
let sandbox: Sandbox;
let machine: Machine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'system-'));
  sandbox = await Sandbox.open(join(folder, 'machine'));
  await sandbox.start();
  vi.stubEnv('PATH', sandbox.hookPath);
  machine = createMachine(sandbox.rootOnHost);
  await ensureUser(machine, 'app', { home: '/var/lib/app' });
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await sandbox.destroy();
  await rm(folder, { recursive: true, force: true });
});

describe('a transient unit', () => {
  const run = (argv: [string, ...string[]], options: Partial<TransientUnit> = {}) =>
    transient(machine, { unit: 'try', user: 'app', timeout: 60, workingDirectory: '/srv', ...options }, argv);

  test('gets its arguments, its input and its environment byte for byte', async () => {
    const odd = { A: `$HOME \${PATH} %n %% \\n "two" 'it' \`x\` #; é`, B: 'line\nline\n' };
    await writeFile(machine, '/etc/try.env', environmentFile(new Map(Object.entries(odd))), { mode: 0o600 });
    const args = ['$HOME', `\${PATH}`, '$$', '%n', 'a b', '', '"', "'", '\\', 'é;|&'];
    const script =
      'import os, sys; print(repr([sys.argv[1:], os.environ["A"], os.environ["B"], os.environ["C"], sys.stdin.read()]))';
    const result = await run(['python3', '-c', `${script} # $A`, ...args], {
      environmentFile: '/etc/try.env',
      environment: { C: 'c "$d" %n' },
      input: 'in',
    });
    const echo = `import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))`;
    const seen = await machine.run('python3', ['-c', echo], { input: result.stdout });
    expect(result.stderr).toBe('');
    expect(JSON.parse(seen.stdout)).toEqual([args, odd.A, odd.B, 'c "$d" %n', 'in']);
  });

  test('ends with the code of its command, and says each line as it comes', async () => {
    const lines: string[] = [];
    const result = await run(['sh', '-c', 'pwd; echo bad >&2; exit 7'], { onLine: (line) => lines.push(line) });
    expect(result).toEqual({ code: 7, stdout: `${machine.path('/srv')}\n`, stderr: 'bad\n', timedOut: false });
    expect(lines.sort()).toEqual([machine.path('/srv'), 'bad'].sort());
    expect(await run(['no-such-program'])).toMatchObject({
      timedOut: false,
      stderr: expect.stringContaining('no-such-program'),
    });
  });

  test('is not disturbed by what a killed hook left of the one before', async () => {
    await machine.run('systemd-run', ['--unit=try-0123abcd.service', '--', 'sleep', '600']);
    expect(await isActive(machine, 'try-0123abcd.service')).toBe(true);
    expect(await run(['true'])).toMatchObject({ code: 0 });
    expect(await isActive(machine, 'try-0123abcd.service')).toBe(false);
  });

  test('ends with all its processes when its time is up', async () => {
    const pids = machine.path('/srv/pids');
    const script = `trap '' TERM; echo $$ >${pids}; setsid sh -c 'trap "" TERM; echo $$ >>${pids}; sleep 600' & sleep 600`;
    expect(await run(['sh', '-c', script], { timeout: 1 })).toMatchObject({ timedOut: true });
    const living = () =>
      readFileSync(pids, 'utf8')
        .trim()
        .split('\n')
        .filter((pid) => isAlive(pid));
    await expect.poll(living, { timeout: 20_000 }).toEqual([]);
    expect(readFileSync(pids, 'utf8').trim().split('\n')).toHaveLength(2);
  });
});

function isAlive(pid: string): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('a unit that does not start says why in its own words', async () => {
  const text = `[Service]\nType=notify\nExecStart=/bin/sh -c 'echo "ImportError: no app" >&2; exit 3'\n`;
  await writeFile(machine, '/etc/systemd/system/bad.service', text, { mode: 0o644 });
  await daemonReload(machine);
  expect(await start(machine, 'bad.service')).toEqual({ ok: false, reason: 'ImportError: no app' });
  const properties = await show(machine, ['bad.service', 'nosuch.service'], ['ActiveState', 'LoadState']);
  expect(properties.get('bad.service')).toMatchObject({ ActiveState: 'failed', LoadState: 'loaded' });
  expect(properties.get('nosuch.service')).toMatchObject({ LoadState: 'not-found' });
  expect(await stop(machine, 'nosuch.service')).toEqual({ ok: true });
});

test('a port that another one holds is told with its holder', async () => {
  const socket = '[Socket]\nListenStream=127.0.0.1:18467\n';
  const service = '[Service]\nExecStart=/bin/cat\nStandardInput=socket\n';
  for (const name of ['one', 'two']) {
    await writeFile(machine, `/etc/systemd/system/${name}.socket`, socket, { mode: 0o644 });
    await writeFile(machine, `/etc/systemd/system/${name}.service`, service, { mode: 0o644 });
  }
  await daemonReload(machine);
  expect(await start(machine, 'one.socket')).toEqual({ ok: true });
  expect(await start(machine, 'two.socket')).toMatchObject({ ok: false, reason: expect.stringMatching(/in use/i) });
  expect(await whoListens(machine, 18467)).toMatch(/\(process \d+\)$/);
  await stop(machine, 'one.socket');
  expect(await isActive(machine, 'one.socket')).toBe(false);
});

test('users are of the machine, and files can be given to them', async () => {
  expect(await ensureUser(machine, 'app', { home: '/var/lib/app' })).toBe(false);
  expect(await lookUpUser(machine, 'app')).toMatchObject({
    home: machine.path('/var/lib/app'),
    shell: '/usr/sbin/nologin',
  });
  expect(await ensureDirectory(machine, '/srv/mine', { mode: 0o750, owner: 'app' })).toBe(true);
  expect(await ensureDirectory(machine, '/srv/mine', { mode: 0o750, owner: 'app' })).toBe(false);
  expect(await writeFile(machine, '/srv/mine/x', 'x', { mode: 0o640, owner: 'app', group: 'app' })).toBe(true);
  expect(await writeFile(machine, '/srv/mine/x', 'x', { mode: 0o640, owner: 'app', group: 'app' })).toBe(false);
});

describe('packages', () => {
  const ensure = (name: string) => ensurePackages(machine, [name], { lockTimeout: 0 });
  /** Packages that exist, and that this host happens not to have. */
  let missing: string[];

  beforeAll(async () => {
    const known = readFileSync(
      join(import.meta.dirname, '../../packages/local-juju/sandbox/programs/known-packages.txt'),
      'utf8',
    );
    missing = await missingPackages(machine, known.trim().split(/\s+/));
  });

  const another = () => missing.pop() ?? '';

  test('are installed once', async () => {
    const name = another();
    expect(await ensure(name)).toEqual({ ok: true, installed: [name] });
    expect(await ensure(name)).toEqual({ ok: true, installed: [] });
  });

  test('that do not exist are named', async () => {
    expect(await ensure('no-such-package')).toEqual({ ok: false, problem: 'unknown', names: ['no-such-package'] });
  });

  test.each([
    ['dpkg-locked', { ok: false, problem: 'locked' }],
    ['apt-index-unreachable', { ok: false, problem: 'unreachable', detail: expect.any(String) }],
    ['dpkg-fails', { ok: false, problem: 'failed', lastLine: expect.any(String) }],
  ] as const)('cannot be had with %s, and can afterwards', async (fault, result) => {
    const name = another();
    await sandbox.fault(fault);
    expect(await ensure(name)).toEqual(result);
    await sandbox.mend(fault);
    expect(await ensure(name)).toEqual({ ok: true, installed: [name] });
  });
});

test('a virtual environment is made by the user of the application, in its environment', async () => {
  mkdirSync(machine.path('/srv/r1'), { recursive: true });
  writeFileSync(machine.path('/srv/r1/requirements.txt'), 'packaging\n');
  mkdirSync(machine.path('/srv/wheels'));
  const wheels = join(import.meta.dirname, '../../wheels');
  await machine.run('cp', ['-r', '--', `${wheels}/.`, machine.path('/srv/wheels')]);
  const spec = {
    directory: '/opt/venvs',
    build: '/srv/r1',
    requirements: '/srv/r1/requirements.txt',
    wheels,
    user: 'app',
    pipCacheDir: '/srv/wheels',
    timeout: 300,
  };
  const made = await ensureVenv(machine, spec);
  expect(made).toMatchObject({ ok: true, changed: true, gunicorn: '27.0.1' });
  expect(await ensureVenv(machine, spec)).toEqual({ ...made, changed: false });
  const failed = await ensureVenv(machine, { ...spec, pipCacheDir: '/srv/r1' });
  expect(failed).toMatchObject({ ok: false, reason: expect.stringContaining('packaging') });
});
