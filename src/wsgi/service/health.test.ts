/** Time of a test is the machine's own: each of these waits for many minutes of it. */
import { beforeAll, expect, it, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  run,
  type Service,
  type StateInput,
  state,
} from '../../../packages/charm-testing/index.ts';
import { lastWordsIn } from './health.ts';

let charm: Charm;
beforeAll(async () => {
  charm = await loadCharm('.');
});

const config = { settle_time: 600, start_timeout: 600 };
const statusAfter = async (trial: Partial<Service>, more: StateInput = {}) => {
  const services = { 'gunicorn3-trial.service': trial };
  return (await run(charm, 'install', state({ unit: 'wsgi/0', config, services, ...more }))).status;
};

test('an application that stays for its time to settle serves', async () => {
  expect(await statusAfter({})).toEqual({ status: 'active', message: 'serving r1 on port 80' });
});

test('one that dies within it is not put in place, and says why', async () => {
  expect(await statusAfter({ dies: { after: 599, saying: 'MemoryError' } })).toMatchObject({
    status: 'blocked',
    message: expect.stringMatching(/^build r1 does not start: MemoryError$/),
  });
});

test('one that would die after it has served until then', async () => {
  expect(await statusAfter({ dies: { after: 601, saying: 'MemoryError' } })).toMatchObject({ status: 'active' });
});

test('one that never answers is waited for as long as it may take to start', async () => {
  expect(await statusAfter({ http: 'silent' })).toMatchObject({
    status: 'blocked',
    message: expect.stringContaining('no answer on / within 600 s'),
  });
});

test('a package manager that is busy for long is waited for, and then named', async () => {
  const locked = {
    code: 100,
    stderr: 'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)\n',
  };
  const more = { config: { ...config, apt_dependencies: 'libpq5' }, programs: { 'apt-get': locked } };
  expect(await statusAfter({}, more)).toMatchObject({
    status: 'waiting',
    message: expect.stringMatching(/^apt: another/),
  });
});

const gunicorn = (level: string, text: string) => `[2026-01-01 00:00:00 +0000] [17] [${level}] ${text}`;
const HALT = [
  gunicorn('INFO', 'Worker exiting (pid: 18)'),
  gunicorn('ERROR', 'Worker (pid:18) exited with code 3'),
  'Traceback (most recent call last):',
  '  File "gunicorn/arbiter.py", line 1, in run',
  "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
  'gunicorn3-trial.service: Main process exited, code=exited, status=1/FAILURE',
];

it('is the exception of a module that does not import', () => {
  const lines = [
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    gunicorn('ERROR', 'Exception in worker process'),
    'Traceback (most recent call last):',
    '  File "wsgi.py", line 1, in <module>',
    "ModuleNotFoundError: No module named 'nope'",
    ...HALT,
  ];
  expect(lastWordsIn(lines)).toBe("ModuleNotFoundError: No module named 'nope'");
});

it('is the line about a callable that is not there', () => {
  const lines = [gunicorn('INFO', 'Starting gunicorn 27.0.1'), "Failed to find attribute 'nope' in 'wsgi'.", ...HALT];
  expect(lastWordsIn(lines)).toBe("Failed to find attribute 'nope' in 'wsgi'.");
});

it('is of this start, not of one before', () => {
  const lines = ['ValueError: an old one', gunicorn('INFO', 'Starting gunicorn 27.0.1'), 'bye', ...HALT];
  expect(lastWordsIn(lines)).toBe('bye');
});

it('is what gunicorn complains about where the application is silent', () => {
  const lines = [
    gunicorn('INFO', 'Starting gunicorn 27.0.1'),
    gunicorn('CRITICAL', 'WORKER TIMEOUT (pid:18)'),
    ...HALT,
  ];
  expect(lastWordsIn(lines)).toBe('WORKER TIMEOUT (pid:18)');
});

it('is nothing where nobody said anything', () => {
  expect(lastWordsIn([gunicorn('INFO', 'Starting gunicorn 27.0.1')])).toBe('');
});
