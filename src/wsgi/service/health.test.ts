/** Time of a test is the machine's own: each of these waits for many minutes of it. */
import { beforeAll, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  run,
  type Service,
  type StateInput,
  state,
} from '../../../packages/charm-testing/index.ts';

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
