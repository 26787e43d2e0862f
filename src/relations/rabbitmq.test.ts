import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { parts, type RabbitMq, read, request } from './rabbitmq.ts';
import type { Answer, Relation } from './types.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const relation = (app: Databag, units: Record<string, Databag>): Relation => ({
  id: 'rabbitmq:4',
  remoteApp: 'mq',
  app,
  units,
});

const summary = (answer: Answer<RabbitMq>): string =>
  answer.kind === 'ready' ? String(parts.CONNECT_STRINGS?.text(answer.connection)) : `${answer.kind}: ${answer.reason}`;

test('asks in both databags: each of the two charms reads one', () => {
  const wanted = { username: 'shop', vhost: '/' };
  expect(request('shop')).toEqual({ unit: wanted, app: wanted });
});

describe('the machine charm, in the databags of its units', () => {
  const unit = { hostname: '10.0.0.5', password: 'p@ %2F' };

  test.each<[string, Record<string, Databag>, string]>([
    ['one server', { 'mq/0': unit }, 'amqp://shop:p%40%20%252F@10.0.0.5:5672/%2F'],
    [
      'several, the oldest first',
      { 'mq/10': { ...unit, hostname: 'fd00::6' }, 'mq/2': unit },
      'amqp://shop:p%40%20%252F@10.0.0.5:5672/%2F,amqp://shop:p%40%20%252F@[fd00::6]:5672/%2F',
    ],
    [
      'while a password rotates, those that say what the oldest says',
      { 'mq/0': unit, 'mq/1': { ...unit, password: 'old' } },
      'amqp://shop:p%40%20%252F@10.0.0.5:5672/%2F',
    ],
    [
      'half of it is passed over',
      { 'mq/0': { hostname: '10.0.0.4' }, 'mq/1': unit },
      'amqp://shop:p%40%20%252F@10.0.0.5:5672/%2F',
    ],
    [
      'TLS',
      { 'mq/0': { ...unit, ssl_port: '5671', ssl_ca: base64(CA) } },
      'amqps://shop:p%40%20%252F@10.0.0.5:5671/%2F',
    ],
    ['nothing', { 'mq/0': { 'private-address': '10.0.0.5' } }, 'waiting: mq has not answered yet'],
    ['no password', { 'mq/0': { hostname: '10.0.0.5' } }, 'waiting: mq has not given a host and a password yet'],
    [
      'a bad host',
      { 'mq/0': { ...unit, hostname: 'fe80::1%eth0' } },
      'refused: mq gave "fe80::1%eth0", an address with a zone id, which means something on its own machine only',
    ],
    [
      'no certificate',
      { 'mq/0': { ...unit, ssl_port: '5671', ssl_ca: 'no' } },
      'refused: mq gave something other than a certificate in ssl_ca',
    ],
    [
      'a NUL',
      { 'mq/0': { ...unit, password: 'a\0b' } },
      'refused: mq gave what is no use: its credentials hold a NUL or half a character, which no variable can',
    ],
  ])('%s', (_, units, expected) => {
    expect(summary(read(relation({}, units), 'shop', '/ca.pem'))).toBe(expected);
  });

  test('the CA goes into a file, which the application is told of', () => {
    const answer = read(relation({}, { 'mq/0': { ...unit, ssl_port: '5671', ssl_ca: base64(CA) } }), 'shop', '/ca.pem');
    expect(answer).toMatchObject({ connection: { ca: `${CA}\n`, caFile: '/ca.pem' } });
  });
});

describe('the Kubernetes charm, in the databag of the application', () => {
  const app = { hostname: 'mq-0.mq-endpoints', password: 'p' };

  test('one server, whatever units say besides', () => {
    const url = 'amqp://shop:p@mq-0.mq-endpoints:5672/%2F';
    expect(
      summary(read(relation(app, { 'mq/0': { 'ingress-address': '10.1.0.4' }, 'mq/1': {} }), 'shop', '/ca.pem')),
    ).toBe(url);
    expect(summary(read(relation(app, {}), 'shop', '/ca.pem'))).toBe(url);
  });
});
