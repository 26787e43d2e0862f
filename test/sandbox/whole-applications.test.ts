/** Applications with a queue, from the package index: Django with Celery's worker and beat, and Flask with RQ. */
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { POSTGRESQL, REDIS, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES, FROM_WHEELS, fixtureBuild } from '../setup/fixture-build.ts';
import { outputOf } from '../setup/real-machines.ts';
import { newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const RELEASES = 10;
/** Put into the queue before each release. */
const TASKS = 50;
const PATIENCE = { timeout: 120_000, interval: 200 };
/** Celery then puts back what is not done by the end of `worker_soft_shutdown_timeout`. */
const PUT_BACK = 'REMAP_SIGTERM=SIGQUIT';

interface Jobs {
  /** How many tasks have ended, each counted once. */
  readonly done: number;
  /** How often one was begun. */
  readonly begun: number;
  /** Those that were begun and have not ended. */
  readonly at_hand: readonly number[];
  /** How often beat has put its task into the queue. */
  readonly ticks: number;
}

let model: LocalModel & AsyncDisposable;
let whyNot: string | undefined;

beforeAll(async () => {
  whyNot = (await whyNotInstalled(REDIS)) ?? (await whyNotInstalled(POSTGRESQL));
  model = await newModel();
  if (whyNot !== undefined) return;
  const config = { port: '8080', ...QUICK, ...FROM_WHEELS };
  await model.together(async () => {
    await model.deploy(join(EXAMPLES, 'redis-provider'), { application: 'redis' });
    await model.deploy(join(EXAMPLES, 'postgresql-provider'), { application: 'db' });
    await model.deploy(inject('charm'), {
      application: 'django',
      units: 2,
      config: { ...config, provision_on: 'leader', environment_variables: PUT_BACK },
      resources: { build: await fixtureBuild('django-celery') },
    });
    await model.deploy(inject('charm'), {
      application: 'flask',
      config: { ...config, environment_from: 'RQ_REDIS_URL=REDIS_URL' },
      resources: { build: await fixtureBuild('flask-rq') },
    });
    await model.integrate('django:postgresql', 'db:database');
    for (const application of ['django', 'flask']) await model.integrate(`${application}:redis`, 'redis:redis');
  });
});
afterAll(() => model[Symbol.asyncDispose]());

test('Flask with RQ: the worker does the job that a request puts into the queue', async ({ skip }) => {
  if (whyNot !== undefined) skip(whyNot);
  expect(await statusOf(model, 'flask/0')).toEqual({ current: 'active', message: 'serving flask-rq on port 8080' });
  const job = await post('flask/0', '21');
  await expect.poll(() => page(model, `/${job}`, { unit: 'flask/0' }), PATIENCE).toBe('42');
});

test('Django with Celery: beat moves with the leader, and ten releases lose no task', async ({ skip }) => {
  if (whyNot !== undefined) skip(whyNot);
  expect(await processes('django/0')).toEqual(['wsgi-beat@1.service', 'wsgi-worker@1.service']);
  expect(await processes('django/1')).toEqual(['wsgi-worker@1.service']);
  await expectTick();
  await model.removeUnit('django/0');
  expect(await processes('django/1')).toEqual(['wsgi-beat@1.service', 'wsgi-worker@1.service']);
  await expectTick();

  for (let release = 0; release < RELEASES; release += 1) {
    const first = release * TASKS;
    // The first does not end before its worker is stopped.
    const tasks = Array.from({ length: TASKS }, (_, number) => [first + number, number === 0 ? null : 0.1]);
    await post('django/1', JSON.stringify(tasks));
    await expect.poll(async () => (await jobs()).at_hand, PATIENCE).toContain(first);
    await model.attachResource('django', 'build', await fixtureBuild('django-celery', `r${release}`));
    const message = `serving r${release} on port 8080`;
    expect(await statusOf(model, 'django/1')).toEqual({ current: 'active', message });
  }
  await expect.poll(async () => (await jobs()).done, PATIENCE).toBe(RELEASES * TASKS);
  // One a release was begun twice.
  expect((await jobs()).begun).toBeGreaterThanOrEqual(RELEASES * (TASKS + 1));
});

async function expectTick(): Promise<void> {
  const { ticks } = await jobs();
  await expect.poll(async () => (await jobs()).ticks, PATIENCE).toBeGreaterThan(ticks);
}

async function jobs(): Promise<Jobs> {
  return JSON.parse(await page(model, '/', { unit: 'django/1' }));
}

async function post(unit: string, body: string): Promise<string> {
  const { host, port } = await model.unit(unit).endpoint(8080);
  const answer = await fetch(`http://${host}:${port}/`, { method: 'POST', body, headers: { connection: 'close' } });
  return answer.text();
}

/** Units of the processes that run. */
async function processes(unit: string): Promise<string[]> {
  const list = "systemctl list-units --plain --no-legend 'wsgi-*@*.service' | cut -d' ' -f1 | sort";
  return (await outputOf(await model.unit(unit).machine(), list)).split('\n');
}
