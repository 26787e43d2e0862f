/** MariaDB, Redis and RabbitMQ from the distribution under an application that uses them by its libraries. */
import { join } from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { MARIADB, RABBITMQ, REDIS, whyNotInstalled } from '../servers/debian.ts';
import { EXAMPLES, FROM_WHEELS, fixtureBuild } from '../setup/fixture-build.ts';
import { newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving flask-services on port 8080' };

interface Case {
  readonly server: typeof MARIADB;
  readonly charm: string;
  readonly endpoint: string;
  readonly theirs: string;
  /** As the application calls it. */
  readonly service: string;
  /** Whether what was written is read once only. */
  readonly queue: boolean;
}

const cases: readonly Case[] = [
  {
    ...{ server: MARIADB, charm: 'mariadb-provider', endpoint: 'mysql', theirs: 'database' },
    ...{ service: 'MySQL', queue: false },
  },
  {
    ...{ server: REDIS, charm: 'redis-provider', endpoint: 'valkey', theirs: 'valkey' },
    ...{ service: 'Redis', queue: false },
  },
  {
    ...{ server: RABBITMQ, charm: 'rabbitmq-provider', endpoint: 'rabbitmq', theirs: 'amqp' },
    ...{ service: 'RabbitMQ', queue: true },
  },
];

describe.each(cases)('$charm', ({ server, charm, endpoint, theirs, service, queue }) => {
  test('is used, followed as its password rotates and over TLS, and let go', async ({ skip }) => {
    const whyNot = await whyNotInstalled(server);
    if (whyNot !== undefined) skip(whyNot);
    await using model = await newModel();
    await model.together(async () => {
      await deploy(model, charm);
      await model.integrate(`wsgi:${endpoint}`, `server:${theirs}`);
    });
    expect(await statusOf(model)).toEqual(SERVING);
    await put(model, 'first');
    expect(await found(model)).toEqual({ [service]: { words: ['first'], tls: false } });

    const before = queue ? [] : ['first'];
    await model.unit('server/0').run('rotate-password');
    expect(await statusOf(model)).toEqual(SERVING);
    await put(model, 'after the rotation');
    expect(await found(model)).toEqual({ [service]: { words: [...before, 'after the rotation'], tls: false } });

    await model.config('server', { tls: 'true' });
    expect(await statusOf(model)).toEqual(SERVING);
    await put(model, 'over TLS');
    const words = (await found(model))[service];
    expect(words).toMatchObject({ tls: true });
    expect(words?.words.at(-1)).toBe('over TLS');

    await model.removeRelation(`wsgi:${endpoint}`, `server:${theirs}`);
    expect(await statusOf(model)).toEqual(SERVING);
    expect(await found(model)).toEqual({});
  });
});

test('Redis by its own interface, and beside Valkey the one that was related first', async ({ skip }) => {
  const whyNot = await whyNotInstalled(REDIS);
  if (whyNot !== undefined) skip(whyNot);
  await using model = await newModel();
  await model.together(async () => {
    await deploy(model, 'redis-provider');
    await model.integrate('wsgi:redis', 'server:redis');
  });
  await put(model, 'first');
  await model.integrate('wsgi:valkey', 'server:valkey');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await found(model)).toEqual({ Redis: { words: ['first'], tls: false } });
  await model.removeRelation('wsgi:redis', 'server:redis');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await found(model)).toMatchObject({ Redis: { tls: false } });
});

async function deploy(model: LocalModel, charm: string): Promise<void> {
  await model.deploy(join(EXAMPLES, charm), { application: 'server' });
  await model.deploy(inject('charm'), {
    application: 'wsgi',
    config: { port: '8080', ...QUICK, ...FROM_WHEELS },
    resources: { build: await fixtureBuild('flask-services') },
  });
}

async function found(model: LocalModel): Promise<Record<string, { words: string[]; tls: boolean }>> {
  return JSON.parse(await page(model));
}

async function put(model: LocalModel, word: string): Promise<void> {
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await fetch(`http://${host}:${port}/`, { method: 'POST', body: word, headers: { connection: 'close' } });
}
