/** Whatever other charms write, in whatever state it is: an answer, never an error, and no password in a reason. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import * as http from './http.ts';
import * as mongodb from './mongodb.ts';
import * as mongodbClient from './mongodb-client.ts';
import * as mysqlClient from './mysql-client.ts';
import * as pgsql from './pgsql.ts';
import * as postgresqlClient from './postgresql-client.ts';
import * as rabbitmq from './rabbitmq.ts';
import * as redis from './redis.ts';
import { type Service, whyNotWritable } from './service-url.ts';
import type { Answer, DatabaseConnection, Relation } from './types.ts';
import { databaseUrl } from './url.ts';
import { whyNotReadBack } from './url-check.ts';
import * as valkeyClient from './valkey-client.ts';

const PASSWORD = 'hunter2-🔑';

/** Values that are right for some key, in any key. */
const text = fc.oneof(
  fc.constantFrom('', ' ', 'wsgi', '10.0.0.5', 'http://10.0.0.5', 'fe80::1%eth0', '/run/x', '5432', 'x', 'True', 'rs0'),
  fc.constantFrom('wsgi/0 wsgi/1', '10.0.0.0/8', 'master', 'hot standby', 'database', 'secret:abc', '__proto__'),
  fc.constant(`host=10.0.0.6 port=1 dbname=wsgi user=u password='${PASSWORD}'`),
  fc.constant(`host=10.0.0.6 dbname=wsgi password='${PASSWORD}`),
  fc.constant(`postgresql://u:${PASSWORD}@10.0.0.5:5432/wsgi`),
  fc.constant(`mysql://u:${PASSWORD}@10.0.0.5:3306/wsgi`),
  fc.constantFrom('file:///run/mysqlrouter/mysql.sock', 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t', 'None', '*'),
  fc.constant(`mongodb://u:${PASSWORD}@a:1,b:2/wsgi?authSource=admin`),
  fc.constant(`http://u:${PASSWORD}@10.0.0.5`),
  fc.constant(PASSWORD),
  fc.string({ unit: 'binary' }),
);
const key = fc.oneof(
  fc.constantFrom('host', 'hostname', 'port', 'database', 'user', 'username', 'state', 'master', 'standbys', 'path'),
  fc.constantFrom('allowed-units', 'allowed-subnets', 'endpoints', 'uris', 'secret-user', 'secret-tls', 'replset'),
  fc.constantFrom('leader-host', 'ssl_port', 'ssl_ca', 'sentinel-endpoints', 'mode', 'version'),
  fc.constantFrom('tls', 'tls-ca', 'subordinated', 'type', 'protocol', 'read-only-endpoints', '__proto__'),
);
const passwordOnlyWhereItBelongs = (bag: Databag): Databag =>
  Object.fromEntries(Object.entries(bag).filter(([name, value]) => value !== PASSWORD || /pass/.test(name)));
const bag: fc.Arbitrary<Databag> = fc
  .tuple(fc.dictionary(key, text, { maxKeys: 12 }), fc.option(fc.constant(PASSWORD)))
  .map(([found, password]) => ({
    ...passwordOnlyWhereItBelongs(found),
    ...(password === null ? {} : { password }),
  }));
const relation: fc.Arbitrary<Relation> = fc.record({
  id: fc.constant('postgres:3'),
  remoteApp: fc.option(fc.constant('db'), { nil: undefined }),
  app: bag,
  units: fc.dictionary(fc.constantFrom('db/0', 'db/1', 'db/12', 'odd'), bag),
});
const own = { unit: 'wsgi/0', egressSubnets: ['10.0.0.9/32'] };
const wanted = { database: 'wsgi', roles: [], extensions: [] };

const readers: Record<string, (from: Relation, secret: Databag) => Answer<DatabaseConnection>> = {
  pgsql: (from) => pgsql.read(from, own, wanted),
  postgresql_client: (from, secret) => postgresqlClient.read(from, () => ({ content: secret })),
  mysql_client: (from, secret) => mysqlClient.read(from, () => ({ content: secret })),
  mongodb: (from) => mongodb.read(from, wanted),
  mongodb_client: (from, secret) => mongodbClient.read(from, () => ({ content: secret })),
};

test.each(Object.entries(readers))('%s', async (_, read) => {
  await fc.assert(
    fc.asyncProperty(relation, bag, async (from, secret) => {
      const answer = read(from, secret);
      if (answer.kind !== 'ready') {
        expect(answer.reason).not.toContain(PASSWORD);
        expect(answer.reason).toMatch(/^[\x20-\x7e]+$/);
        return;
      }
      const url = databaseUrl(answer.connection, '/ca.pem');
      if ('href' in url) expect(await whyNotReadBack(answer.connection, url)).toBeUndefined();
      expect(read(from, secret)).toEqual(answer);
    }),
    { numRuns: 500 },
  );
});

const services: Record<string, (from: Relation, secret: Databag) => Answer<Service>> = {
  redis: (from) => serviceOf(redis.read(from), ({ service }) => service),
  valkey_client: (from, secret) =>
    serviceOf(
      valkeyClient.read(from, () => ({ content: secret }), '/ca.pem'),
      ({ service }) => service,
    ),
  rabbitmq: (from) => serviceOf(rabbitmq.read(from, 'wsgi', '/ca.pem'), ({ services: [service] }) => service),
};

function serviceOf<Value>(answer: Answer<Value>, service: (value: Value) => Service): Answer<Service> {
  return answer.kind === 'ready' ? { kind: 'ready', connection: service(answer.connection) } : answer;
}

test.each(Object.entries(services))('%s', (_, read) => {
  fc.assert(
    fc.property(relation, bag, (from, secret) => {
      const answer = read(from, secret);
      if (answer.kind === 'ready') {
        expect(whyNotWritable(answer.connection)).toBeUndefined();
        expect(read(from, secret)).toEqual(answer);
      } else {
        expect(answer.reason).not.toContain(PASSWORD);
        expect(answer.reason).toMatch(/^[\x20-\x7e]+$/);
      }
    }),
    { numRuns: 500 },
  );
});

test('http', () => {
  fc.assert(
    fc.property(relation, (from) => {
      const answer = http.read(from);
      if (answer.kind === 'ready') expect(URL.canParse(answer.connection.url)).toBe(true);
      else expect(answer.reason).not.toContain(PASSWORD);
    }),
  );
});
