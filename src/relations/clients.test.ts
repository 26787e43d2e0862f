import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { authority } from './endpoint.ts';
import * as mongodb from './mongodb-client.ts';
import * as postgresql from './postgresql-client.ts';
import type { Answer, DatabaseConnection, ReadSecret, Relation } from './types.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';

const relation = (app: Databag, units: Record<string, Databag> = {}): Relation => ({
  id: 'postgresql:7',
  remoteApp: 'postgresql',
  app,
  units,
});

const secrets =
  (contents: Record<string, Databag>): ReadSecret =>
  (uri) => {
    const content = contents[uri];
    return content === undefined ? { whyNot: 'permission denied' } : { content };
  };

function connectionOf(answer: Answer<DatabaseConnection>): DatabaseConnection {
  if (answer.kind !== 'ready') throw new Error(answer.reason);
  return answer.connection;
}

const summary = (answer: Answer<DatabaseConnection>): string =>
  answer.kind === 'ready' ? 'ready' : `${answer.kind}: ${answer.reason}`;

const plain: Databag = {
  database: 'wsgi',
  endpoints: '10.0.0.5:5432',
  username: 'relation-7',
  password: 's3cret',
};
const withSecret: Databag = { database: 'wsgi', endpoints: '10.0.0.5:5432', 'secret-user': 'secret:abc' };

describe('asking', () => {
  const wanted = { database: 'wsgi', roles: ['reader', 'writer'], extensions: [] };

  test('for a database by the leader alone, and for secrets where Juju has them', () => {
    expect(postgresql.request(wanted, true)).toEqual({
      unit: {},
      app: {
        database: 'wsgi',
        'extra-user-roles': 'reader,writer',
        'requested-secrets': '["username","password","tls","tls-ca","uris","read-only-uris"]',
      },
    });
  });

  test('for no secrets where Juju has none, so that plain fields come', () => {
    expect(postgresql.request(wanted, false).app['requested-secrets']).toBe('');
  });
});

describe('postgresql_client', () => {
  test('is ready with plain fields', () => {
    expect(connectionOf(postgresql.read(relation(plain), undefined))).toEqual({
      kind: 'postgresql',
      relation: 'postgresql:7',
      endpoints: [{ host: '10.0.0.5', port: 5432 }],
      readOnlyEndpoints: [],
      database: 'wsgi',
      credentials: { user: 'relation-7', password: 's3cret' },
      options: {},
    });
  });

  test('is ready with secrets, and has the CA of the other one', () => {
    const bag = { ...withSecret, 'secret-tls': 'secret:tls', 'read-only-endpoints': '10.0.0.7:5432, 10.0.0.6:5432' };
    const read = secrets({
      'secret:abc': { username: 'relation-7', password: 'new' },
      'secret:tls': { tls: 'True', 'tls-ca': CA },
    });
    const connection = connectionOf(postgresql.read(relation(bag), read));
    expect(connection.credentials).toEqual({ user: 'relation-7', password: 'new' });
    expect(connection.tls).toEqual({ ca: `${CA}\n` });
    expect(connection.readOnlyEndpoints.map(authority)).toEqual(['10.0.0.6:5432', '10.0.0.7:5432']);
  });

  test('takes a secret before a plain field that was left behind', () => {
    const read = secrets({ 'secret:abc': { username: 'relation-7', password: 'new' } });
    const bag = { ...withSecret, username: 'old', password: 'old' };
    expect(connectionOf(postgresql.read(relation(bag), read)).credentials?.password).toBe('new');
  });

  test('takes the database that was made, not the one that was asked for', () => {
    expect(connectionOf(postgresql.read(relation({ ...plain, database: 'other' }), undefined)).database).toBe('other');
  });

  test('fills gaps from uris', () => {
    const bag = {
      uris: 'postgresql://relation-7:p%40ss@10.0.0.5:6432,10.0.0.6:6432/wsgi?connect_timeout=5&sslcert=/x',
    };
    const connection = connectionOf(postgresql.read(relation(bag), undefined));
    expect(connection.credentials).toEqual({ user: 'relation-7', password: 'p@ss' });
    expect(connection.endpoints.map(authority)).toEqual(['10.0.0.5:6432', '10.0.0.6:6432']);
    expect(connection.options).toEqual({ connect_timeout: '5' });
  });

  test('knows TLS without a certificate', () => {
    expect(connectionOf(postgresql.read(relation({ ...plain, tls: 'True', 'tls-ca': '' }), undefined)).tls).toEqual({});
    expect(connectionOf(postgresql.read(relation({ ...plain, tls: 'False' }), undefined)).tls).toBeUndefined();
  });

  test.each<[string, Databag, string]>([
    ['nothing', {}, 'waiting: postgresql has not answered yet'],
    ['no endpoints', { ...plain, endpoints: ' , ' }, 'waiting: postgresql has not given its endpoints yet'],
    ['no database', { ...plain, database: '' }, 'waiting: postgresql has not said yet which database it made'],
    ['no password', { ...plain, password: '' }, 'waiting: postgresql has not given a user and a password yet'],
    [
      'a secret that is not ours',
      withSecret,
      'waiting: the secret in which postgresql keeps the credentials cannot be read: permission denied',
    ],
    [
      'a router that is not up on this machine',
      { ...plain, subordinated: 'true' },
      'waiting: postgresql is not ready on this machine yet',
    ],
    [
      'a zone id',
      { ...plain, endpoints: '[fe80::1%eth0]:5432' },
      'refused: postgresql gave "fe80::1%eth0", an address with a zone id, which means something on its own machine only',
    ],
  ])('%s', (_, bag, expected) => {
    expect(summary(postgresql.read(relation(bag), secrets({})))).toBe(expected);
  });

  test('a router that is up on this machine serves', () => {
    const answer = postgresql.read(
      relation({ ...plain, subordinated: 'true' }, { 'pgb/0': { state: 'ready' } }),
      undefined,
    );
    expect(answer.kind).toBe('ready');
  });

  test('a secret where Juju has no secret tools: what to do', () => {
    expect(summary(postgresql.read(relation(withSecret), undefined))).toBe(
      'waiting: postgresql keeps the credentials in a Juju secret, which this Juju cannot read: ' +
        'remove the relation and relate again, or upgrade the controller to Juju 3',
    );
  });
});

describe('mongodb_client', () => {
  const bag: Databag = { ...plain, endpoints: 'b.lan,a.lan:27018', replset: 'rs0' };

  test('is ready with all hosts, in one order, and the replica set', () => {
    const connection = connectionOf(mongodb.read(relation(bag), undefined));
    expect(connection.endpoints.map(authority)).toEqual(['a.lan:27018', 'b.lan:27017']);
    expect(connection.options).toEqual({ replicaSet: 'rs0', authSource: 'admin' });
  });

  test('takes how to log in from uris of the same user only', () => {
    const uris = (user: string): string => `mongodb://${user}:x@a.lan/wsgi?authSource=users&tls=true`;
    const same = connectionOf(mongodb.read(relation({ ...bag, uris: uris('relation-7') }), undefined));
    expect(same.options).toEqual({ replicaSet: 'rs0', authSource: 'users' });
    const other = connectionOf(mongodb.read(relation({ ...bag, uris: uris('relation-6') }), undefined));
    expect(other.options).toEqual({ replicaSet: 'rs0', authSource: 'admin' });
  });

  test('with a mechanism of its own has no database of users', () => {
    const uris = 'mongodb://relation-7:x@a.lan/wsgi?authMechanism=PLAIN';
    const connection = connectionOf(mongodb.read(relation({ ...plain, uris }), undefined));
    expect(connection.options).toEqual({ authMechanism: 'PLAIN' });
  });
});
