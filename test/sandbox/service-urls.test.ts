/** The URLs of caches, brokers and mail servers, read by the libraries that applications use. */
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { redisService } from '../../src/relations/redis.ts';
import { type Service, serviceUrl, whyNotWritable } from '../../src/relations/service-url.ts';
import { serviceOf } from '../../src/relations/smtp.ts';
import { pythonWith } from '../servers/python.ts';

const REQUIREMENTS = [
  'redis==8.1.0',
  'valkey==6.2.0',
  'kombu==5.7.0',
  'pika==1.4.4',
  'async-timeout==5.0.1',
  'django-environ==0.14.0',
  'dj-email-url==1.0.6',
];

const Answers = z.array(z.record(z.string(), z.record(z.string(), z.unknown())));

const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ minLength: 1 }), fc.emailAddress());
const endpoint = fc.record({
  host: fc.oneof(
    fc.ipV4(),
    fc.domain().map((name) => name.toLowerCase()),
    fc.ipV6().map((address) => new URL(`http://[${address}]`).hostname.slice(1, -1)),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const redis = fc
  .tuple(
    endpoint,
    fc.record({ user: fc.option(text, { nil: undefined }), password: text }),
    fc.constantFrom(undefined, { caFile: undefined }, { caFile: '/certificates/the redis.pem' }),
  )
  .map(([at, login, tls]) => redisService(at, login, tls));
const rabbitmq: fc.Arbitrary<Service> = fc
  .record({ scheme: fc.constantFrom('amqp', 'amqps'), user: text, password: text, path: text, at: endpoint })
  .map(({ at, ...service }) => ({ ...service, ...at, options: {} }));

const smtp: fc.Arbitrary<Service> = fc
  .record({
    at: endpoint,
    user: text,
    password: text,
    transportSecurity: fc.constantFrom('none' as const, 'starttls' as const, 'tls' as const),
  })
  .map(({ at, ...rest }) => serviceOf({ ...at, ...rest, authType: 'plain', skipSslVerify: false }));

let python: string;

beforeAll(async () => {
  python = await pythonWith(REQUIREMENTS);
});

test.each<[string, fc.Arbitrary<Service>, readonly string[]]>([
  ['Redis and Valkey', redis, ['redis_py', 'valkey_py', 'celery']],
  ['RabbitMQ', rabbitmq, ['kombu_amqp', 'pika_amqp']],
  ['SMTP', smtp, ['django_environ', 'dj_email']],
])('%s', async (_, services, readers) => {
  const written = fc.sample(services, 500).filter((service) => whyNotWritable(service) === undefined);
  expect(written.length).toBeGreaterThan(400);

  const { stdout } = await execa(python, [join(import.meta.dirname, 'read_service_urls.py')], {
    input: JSON.stringify(written.map(serviceUrl)),
  });
  const answers = Answers.parse(JSON.parse(stdout));
  expect(answers.length).toBe(written.length);

  for (const [at, service] of written.entries()) {
    expect(Object.keys(answers[at] ?? {})).toEqual(readers);
    const { scheme: _scheme, user = '', ...rest } = service;
    for (const read of Object.values(answers[at] ?? {})) expect(read, serviceUrl(service)).toEqual({ user, ...rest });
  }
});
