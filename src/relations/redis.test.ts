import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import * as redis from './redis.ts';
import { serviceUrl } from './service-url.ts';
import type { Answer, ReadSecret, Relation } from './types.ts';
import * as valkey from './valkey-client.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

const relation = (app: Databag, units: Record<string, Databag> = {}): Relation => ({
  id: 'redis:4',
  remoteApp: 'store',
  app,
  units,
});

const summary = (answer: Answer<redis.Redis>): string =>
  answer.kind === 'ready' ? serviceUrl(answer.connection.service) : `${answer.kind}: ${answer.reason}`;

describe('redis', () => {
  test.each<[string, Record<string, Databag>, Databag, string]>([
    ['a host and a port', { 'r/0': { hostname: '10.0.0.5', port: '6379' } }, {}, 'redis://10.0.0.5:6379'],
    [
      'a password',
      { 'r/0': { hostname: '10.0.0.5', port: '6379', password: 'p@:/ ' } },
      {},
      'redis://:p%40%3A%2F%20@10.0.0.5:6379',
    ],
    ['IPv6', { 'r/0': { hostname: 'fd00::5', port: '6379' } }, {}, 'redis://[fd00::5]:6379'],
    [
      'the oldest unit that is ready',
      { 'r/10': { hostname: 'c', port: '1' }, 'r/2': { hostname: 'b', port: '1' }, 'r/1': { hostname: 'a' } },
      {},
      'redis://b:1',
    ],
    [
      'the leader, to which one may write',
      { 'r/0': { hostname: 'a', port: '6379' }, 'r/1': { hostname: 'b', port: '6379' } },
      { 'leader-host': 'b' },
      'redis://b:6379',
    ],
    ['nothing', { 'r/0': { 'private-address': '10.0.0.5' } }, {}, 'waiting: store has not answered yet'],
    ['the port None', { 'r/0': { hostname: 'a', port: 'None' } }, {}, 'waiting: store has not given a port yet'],
    ['no host', { 'r/0': { port: '6379' } }, {}, 'waiting: store has not given a host yet'],
    ['a bad port', { 'r/0': { hostname: 'a', port: '0' } }, {}, 'refused: store gave "0" as its port'],
    [
      'a password with half a character',
      { 'r/0': { hostname: 'a', port: '1', password: '\ud800' } },
      {},
      'refused: store gave what is no use: its credentials hold a NUL or half a character, which no variable can',
    ],
  ])('%s', (_, units, app, expected) => {
    expect(summary(redis.read(relation(app, units)))).toBe(expected);
  });
});

describe('valkey_client', () => {
  const bag: Databag = { endpoints: '10.0.0.5:6379,10.0.0.6:6379', 'secret-user': 'secret:u', mode: 'sentinel' };
  const contents: Readonly<Record<string, Databag>> = {
    'secret:u': { username: 'relation-4', password: 'p@' },
    'secret:tls': { tls: 'True', 'tls-ca': CA },
  };
  const secrets: ReadSecret = (uri) => {
    const content = contents[uri];
    return content === undefined ? { whyNot: 'permission denied' } : { content };
  };
  const read = (app: Databag, readSecret: ReadSecret | undefined = secrets) =>
    valkey.read(relation(app), readSecret, '/ca.pem');

  test('asks for every key, and for no secrets where Juju has none', () => {
    expect(valkey.request(true)).toEqual({
      unit: {},
      app: { database: '*', 'requested-secrets': '["username","password","tls","tls-ca"]' },
    });
    expect(valkey.request(false).app['requested-secrets']).toBe('');
  });

  test.each<[string, Databag, string]>([
    ['the primary', bag, 'redis://relation-4:p%40@10.0.0.5:6379'],
    [
      'TLS with a CA',
      { ...bag, 'secret-tls': 'secret:tls' },
      'rediss://relation-4:p%40@10.0.0.5:6379?ssl_cert_reqs=required&ssl_ca_certs=%2Fca.pem',
    ],
    ['TLS without one', { ...bag, tls: 'true' }, 'rediss://relation-4:p%40@10.0.0.5:6379?ssl_cert_reqs=none'],
    ['nothing', {}, 'waiting: store has not answered yet'],
    ['no endpoints', { 'secret-user': 'secret:u' }, 'waiting: store has not given its endpoints yet'],
    ['no credentials', { endpoints: 'a:1' }, 'waiting: store has not given a user and a password yet'],
    [
      'a secret that is not ours',
      { ...bag, 'secret-user': 'secret:other' },
      'waiting: the secret in which store keeps the credentials cannot be read: permission denied',
    ],
    [
      'a bad host',
      { ...bag, endpoints: '/run/valkey.sock' },
      'refused: store gave the unix socket "/run/valkey.sock", which cannot be reached over the network',
    ],
  ])('%s', (_, app, expected) => {
    expect(summary(read(app))).toBe(expected);
  });

  test('on Juju 2.9 says what to do', () => {
    expect(summary(valkey.read(relation(bag), undefined, '/ca.pem'))).toBe(
      'waiting: store keeps the credentials in a Juju secret, which this Juju cannot read: ' +
        'remove the relation and relate again, or upgrade the controller to Juju 3',
    );
  });

  test('says what only Valkey has', () => {
    const answer = read({ ...bag, 'read-only-endpoints': 'b:1', sentinel_endpoints: 's:2', version: '9.0' });
    expect(answer).toMatchObject({
      connection: {
        valkey: { readOnlyEndpoints: 'b:1', sentinelEndpoints: 's:2', mode: 'sentinel', version: '9.0' },
      },
    });
    if (answer.kind !== 'ready') throw new Error(answer.reason);
    const { CONNECT_STRING: connectString } = redis.valkeyParts;
    expect(connectString?.text(answer.connection)).toBe('valkey://relation-4:p%40@10.0.0.5:6379');
  });
});
