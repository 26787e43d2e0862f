import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { mysqlCertificate, usable } from './database.ts';
import { authority } from './endpoint.ts';
import * as mysql from './mysql-client.ts';
import type { Relation } from './types.ts';

const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----';
const SOCKET = '/var/snap/charmed-mysql/common/run/mysqlrouter/mysql.sock';
const plain: Databag = { database: 'shop', endpoints: '10.0.0.5:3306', username: 'relation-4', password: 'p@ss' };

const relation = (app: Databag): Relation => ({ id: 'mysql:4', remoteApp: 'mysql', app, units: {} });
const read = (app: Databag) => mysql.read(relation(app), () => ({ whyNot: 'permission denied' }));

async function urlOf(app: Databag): Promise<string> {
  const answer = await usable(read(app), '/certificates/mysql.pem');
  return answer.kind === 'ready' ? answer.connection.url.href : `${answer.kind}: ${answer.reason}`;
}

test('asks for a database and no roles, which MySQL Router refuses', () => {
  const wanted = { database: 'shop', roles: ['reader'], extensions: [] };
  expect(mysql.request(wanted, true).app).toMatchObject({ database: 'shop', 'extra-user-roles': '' });
  expect(mysql.request(wanted, false).app['requested-secrets']).toBe('');
});

test.each<[string, Databag, string]>([
  ['fields', plain, 'mysql://relation-4:p%40ss@10.0.0.5:3306/shop'],
  ['no port', { ...plain, endpoints: 'db.lan' }, 'mysql://relation-4:p%40ss@db.lan:3306/shop'],
  ['IPv6', { ...plain, endpoints: '[fd00::5]:3307' }, 'mysql://relation-4:p%40ss@[fd00::5]:3307/shop'],
  ['uris alone', { uris: 'mysql://u:p%2F@10.0.0.6:3306/shop' }, 'mysql://u:p%2F@10.0.0.6:3306/shop'],
  [
    'the socket of a router beside the unit',
    { ...plain, endpoints: `file://${SOCKET}` },
    `mysql://relation-4:p%40ss@localhost:3306/shop?unix_socket=${encodeURIComponent(SOCKET)}`,
  ],
  ['half of it', { ...plain, endpoints: '' }, 'waiting: mysql has not given its endpoints yet'],
  [
    'a secret that is not ours',
    { ...plain, 'secret-user': 'secret:a' },
    'waiting: the secret in which mysql keeps the credentials cannot be read: permission denied',
  ],
  [
    'a socket that is not said to be here',
    { ...plain, endpoints: SOCKET },
    `refused: mysql gave the unix socket "${SOCKET}", which cannot be reached over the network`,
  ],
  [
    'a socket in /tmp',
    { ...plain, endpoints: 'file:///tmp/mysql.sock' },
    'refused: mysql gave a unix socket in "/tmp/mysql.sock", where the service has a folder of its own and cannot see it',
  ],
])('%s', async (_, bag, url) => {
  expect(await urlOf(bag)).toBe(url);
});

describe('TLS', () => {
  test('is checked by an option file, which every library takes', async () => {
    const answer = await usable(read({ ...plain, tls: 'True', 'tls-ca': CA }), '/certificates/mysql.pem');
    if (answer.kind !== 'ready') throw new Error(answer.reason);
    const { url } = answer.connection;
    expect(url.options).toEqual({ read_default_file: '/certificates/mysql.cnf' });
    expect(mysqlCertificate(answer.connection)).toEqual({
      pem: `${CA}\n`,
      cnf: '[client]\nssl-ca=/certificates/mysql.pem\nssl-mode=VERIFY_IDENTITY\nssl-verify-server-cert=1\n',
    });
  });

  test('without a CA is left to the library, which encrypts where the server can', async () => {
    expect(await urlOf({ ...plain, tls: 'True' })).toBe('mysql://relation-4:p%40ss@10.0.0.5:3306/shop');
  });
});

test('the primary is first, and where one may only read is apart', () => {
  const bag = { ...plain, endpoints: 'b:1,a:2', 'read-only-endpoints': 'd:4,c:3' };
  const answer = read(bag);
  if (answer.kind !== 'ready') throw new Error(answer.reason);
  expect(answer.connection.endpoints.map(authority)).toEqual(['b:1', 'a:2']);
  expect(answer.connection.readOnlyEndpoints.map(authority)).toEqual(['c:3', 'd:4']);
});
