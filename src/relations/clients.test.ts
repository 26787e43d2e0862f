import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { usable } from './database.ts';
import { authority } from './endpoint.ts';
import * as mongodb from './mongodb-client.ts';
import * as postgresql from './postgresql-client.ts';
import type { Answer, DatabaseConnection, ReadSecret, Relation } from './types.ts';
import { databaseUrl } from './url.ts';

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

describe('what only uris says', () => {
  const urlOf = (answer: Answer<DatabaseConnection>): string => {
    const url = databaseUrl(connectionOf(answer), '/ca.pem');
    return 'href' in url ? url.href : url.whyNot;
  };
  const login = { username: 'u', password: 'p' };

  test.each<[string, Databag, string]>([
    [
      'a port',
      { ...login, database: 'd', endpoints: '10.0.0.5,10.0.0.6:1', uris: 'postgresql://u:p@10.0.0.5:6432/d' },
      'postgresql://u:p@10.0.0.5:6432/d',
    ],
    [
      'options',
      { uris: 'postgresql://u:p@h/d?target_session_attrs=read-write&sslmode=require' },
      'postgresql://u:p@h:5432/d?target_session_attrs=read-write&sslmode=require',
    ],
    [
      'a CA of the system',
      { uris: 'postgresql://u:p@h/d?sslmode=verify-full&sslrootcert=system' },
      'postgresql://u:p@h:5432/d?sslmode=verify-full&sslrootcert=system',
    ],
    [
      'the socket of a pooler beside the unit',
      { subordinated: 'true', uris: 'postgresql://u:p@%2Frun%2Fpgb:6432/d' },
      'postgresql://u:p@%2Frun%2Fpgb:6432/d',
    ],
  ])('PostgreSQL: %s', async (_, bag, url) => {
    const answer = postgresql.read(relation(bag, { 'pgb/0': { state: 'ready' } }), undefined);
    expect(urlOf(answer)).toBe(url);
    expect((await usable(answer, '/ca.pem')).kind).toBe('ready');
  });

  test.each<[string, Databag, string]>([
    [
      'a socket of another machine',
      { uris: 'postgresql://u:p@%2Frun%2Fpgb:6432/d' },
      'refused: postgresql gave the unix socket "/run/pgb", which cannot be reached over the network',
    ],
    [
      'a socket in /tmp',
      { subordinated: 'true', uris: 'postgresql://u:p@%2Ftmp:6432/d' },
      'refused: postgresql gave a unix socket in "/tmp", where the service has a folder of its own and cannot see it',
    ],
    [
      'a check without its CA',
      { uris: 'postgresql://u:p@h/d?sslmode=verify-ca' },
      'refused: postgresql asks for sslmode=verify-ca in its uris, and gave no CA certificate in tls-ca',
    ],
  ])('PostgreSQL refuses %s', (_, bag, line) => {
    expect(summary(postgresql.read(relation(bag, { 'pgb/0': { state: 'ready' } }), undefined))).toBe(line);
  });

  test.each<[string, Databag, string]>([
    [
      'a DNS seed list, which is over TLS',
      { uris: 'mongodb+srv://u:p@c.example.net/d?retryWrites=true&w=majority' },
      'mongodb+srv://u:p@c.example.net/d?retryWrites=true&w=majority&tls=true',
    ],
    [
      'a DNS seed list of the host that the fields name',
      { ...login, database: 'd', endpoints: 'c.example.net', uris: 'mongodb+srv://u:p@c.example.net/d?tls=false' },
      'mongodb+srv://u:p@c.example.net/d?tls=false',
    ],
    [
      'not the seed list where the fields name the hosts, but its TLS',
      { ...login, database: 'd', endpoints: 'a:1,b:2', uris: 'mongodb+srv://u:p@c.example.net/d' },
      'mongodb://u:p@a:1,b:2/d?authSource=admin&tls=true',
    ],
    [
      'options',
      { uris: 'mongodb://u:p@a:1/d?tls=true&readPreference=nearest&directConnection=true&retryWrites=false&w=1' },
      'mongodb://u:p@a:1/d?authSource=admin&readPreference=nearest&directConnection=true&retryWrites=false&w=1&tls=true',
    ],
    [
      'the older name of tls',
      { uris: 'mongodb://u:p@a/d?SSL=true' },
      'mongodb://u:p@a:27017/d?authSource=admin&tls=true',
    ],
    [
      'a port',
      { ...login, database: 'd', endpoints: 'a', uris: 'mongodb://u:p@a:27019/d' },
      'mongodb://u:p@a:27019/d?authSource=admin',
    ],
    [
      'the CA comes from the fields',
      { 'tls-ca': CA, uris: 'mongodb://u:p@a/d?tlsCAFile=/etc/ssl/theirs.pem' },
      'mongodb://u:p@a:27017/d?authSource=admin&tls=true&tlsCAFile=%2Fca.pem',
    ],
  ])('MongoDB: %s', async (_, bag, url) => {
    const answer = mongodb.read(relation(bag), undefined);
    expect(urlOf(answer)).toBe(url);
    expect((await usable(answer, '/ca.pem')).kind).toBe('ready');
  });

  test.each<[string, string, string]>([
    [
      'a certificate of another machine',
      'mongodb://u:p@a/d?tlsCertificateKeyFile=/x',
      'tlsCertificateKeyFile in its uris, a file of another machine',
    ],
    [
      'a CA of another machine',
      'mongodb://u:p@a/d?tlsCAFile=/x',
      'tlsCAFile in its uris, a file of another machine, and no CA certificate in tls-ca',
    ],
    [
      'a direct connection to several hosts',
      'mongodb://u:p@a,b/d?directConnection=true',
      'directConnection=true in its uris, and several hosts',
    ],
    [
      'a seed list with a port',
      'mongodb+srv://u:p@c.example.net:1/d',
      'mongodb+srv with a port or several hosts in its uris, which that form cannot have',
    ],
    [
      'an option with several values',
      'mongodb://u:p@a/d?readPreferenceTags=a:1&readPreferenceTags=b:1',
      'readPreferenceTags more than once in its uris',
    ],
    [
      'two seed lists',
      'mongodb+srv://u:p@c.example.net,d.example.net/d',
      'mongodb+srv with a port or several hosts in its uris, which that form cannot have',
    ],
  ])('MongoDB refuses %s', (_, uris, line) => {
    expect(summary(mongodb.read(relation({ uris }), undefined))).toBe(`refused: postgresql gave ${line}`);
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
