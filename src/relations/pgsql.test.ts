import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { authority } from './endpoint.ts';
import { read, request } from './pgsql.ts';
import type { DatabaseConnection, Own, Relation, RequestedDatabase } from './types.ts';

const own: Own = { unit: 'wsgi/0', egressSubnets: ['10.0.0.9/32'] };
const wanted: RequestedDatabase = { database: 'wsgi', roles: [], extensions: [] };
const fields: Databag = {
  host: '10.0.0.5',
  port: '5432',
  database: 'wsgi',
  user: 'juju_wsgi',
  password: 's3cret',
  state: 'standalone',
  'allowed-units': 'wsgi/0 wsgi/1',
};

const relation = (units: Record<string, Databag>, app: Databag = {}): Relation => ({
  id: 'postgres:3',
  remoteApp: 'postgresql',
  app,
  units,
});

function ready(from: Relation, want: RequestedDatabase = wanted): DatabaseConnection {
  const answer = read(from, own, want);
  if (answer.kind !== 'ready') throw new Error(answer.reason);
  return answer.connection;
}

function reason(from: Relation, want: RequestedDatabase = wanted): string {
  const answer = read(from, own, want);
  if (answer.kind === 'ready') throw new Error('ready');
  return `${answer.kind}: ${answer.reason}`;
}

const hostOf = (connection: DatabaseConnection): string => authority(connection.endpoints[0]);

test('asks alike in the databag of the unit and of the application', () => {
  const asked = request({ database: 'wsgi', roles: ['reader', 'writer'], extensions: ['citext'] });
  expect(asked.unit).toEqual({ database: 'wsgi', roles: 'reader,writer', extensions: 'citext' });
  expect(asked.app).toEqual(asked.unit);
});

describe('ready', () => {
  test('from the fields of a single unit', () => {
    expect(ready(relation({ 'postgresql/0': fields }))).toEqual({
      kind: 'postgresql',
      relation: 'postgres:3',
      endpoints: [{ host: '10.0.0.5', port: 5432 }],
      readOnlyEndpoints: [],
      database: 'wsgi',
      credentials: { user: 'juju_wsgi', password: 's3cret' },
      options: {},
    });
  });

  test('from the application databag before any unit has joined', () => {
    expect(hostOf(ready(relation({}, fields)))).toBe('10.0.0.5:5432');
  });

  test('from the application databag where the unit says something older', () => {
    expect(hostOf(ready(relation({ 'postgresql/0': fields }, { host: '10.0.0.6' })))).toBe('10.0.0.6:5432');
  });

  test('from the unit where the application databag has empty values', () => {
    expect(hostOf(ready(relation({ 'postgresql/0': fields }, { host: '', port: ' ' })))).toBe('10.0.0.5:5432');
  });

  test('with http:// before the host, in the field or in the connection string', () => {
    expect(hostOf(ready(relation({ 'pgbouncer/0': { ...fields, host: 'http://10.0.0.5' } })))).toBe('10.0.0.5:5432');
    const master = 'host=http://10.0.0.7 dbname=wsgi port=6432 user=u password=p';
    expect(hostOf(ready(relation({ 'pgbouncer/0': { ...fields, master } })))).toBe('10.0.0.7:6432');
  });

  test('on the connection string where the fields disagree during a fail-over', () => {
    const master = "host=10.0.0.6 dbname=wsgi port=5433 user=new password='two words' sslmode=require sslcert=/x";
    const connection = ready(relation({ 'postgresql/0': { ...fields, master } }));
    expect(hostOf(connection)).toBe('10.0.0.6:5433');
    expect(connection.credentials).toEqual({ user: 'new', password: 'two words' });
    expect(connection.options).toEqual({ sslmode: 'require' });
  });

  test('on the fields where the connection string cannot be read', () => {
    expect(hostOf(ready(relation({ 'postgresql/0': { ...fields, master: "host='open" } })))).toBe('10.0.0.5:5432');
  });

  test('with the port of libpq for a connection string without one', () => {
    const master = 'host=10.0.0.6 dbname=wsgi user=u password=p';
    expect(hostOf(ready(relation({ 'postgresql/0': { ...fields, port: '1', master } })))).toBe('10.0.0.6:5432');
  });

  test('on the unit that is master, the others being for reading', () => {
    const connection = ready(
      relation({
        'postgresql/10': { ...fields, host: '10.0.0.10', state: 'hot standby' },
        'postgresql/2': { ...fields, host: '10.0.0.2', state: 'hot standby' },
        'postgresql/3': { ...fields, host: '10.0.0.3', state: 'master' },
      }),
    );
    expect(hostOf(connection)).toBe('10.0.0.3:5432');
    expect(connection.readOnlyEndpoints.map(authority)).toEqual(['10.0.0.10:5432', '10.0.0.2:5432']);
  });

  test.each([',', '\n'])('with standbys joined by %j', (separator) => {
    const standbys = ['host=10.0.0.7 port=5433 password=a\\,b', "host=10.0.0.6 password='c,d'"].join(separator);
    const connection = ready(relation({ 'postgresql/0': { ...fields, standbys } }));
    expect(connection.readOnlyEndpoints.map(authority)).toEqual(['10.0.0.6:5432', '10.0.0.7:5433']);
  });

  test('when a subnet has us that allowed-units has not', () => {
    const bag = { ...fields, 'allowed-units': 'other/0', 'allowed-subnets': '192.168.0.0/16,10.0.0.0/24' };
    expect(ready(relation({ 'postgresql/0': bag })).database).toBe('wsgi');
  });

  test('when the extensions that were asked for are there', () => {
    const want = { ...wanted, extensions: ['citext', 'hstore:public', 'unaccent(public)'] };
    const bag = { ...fields, extensions: 'hstore,citext:public,unaccent' };
    expect(ready(relation({ 'postgresql/0': bag }), want).database).toBe('wsgi');
  });

  test('with a password that begins and ends with a blank', () => {
    expect(ready(relation({ 'postgresql/0': { ...fields, password: ' x ' } })).credentials?.password).toBe(' x ');
  });
});

describe('waiting', () => {
  const without = (key: string): Databag => ({ ...fields, [key]: '' });

  test.each([
    ['nothing', relation({}), 'postgresql has not answered yet'],
    [
      'only what Juju writes',
      relation({ 'postgresql/0': { 'private-address': 'x' } }),
      'postgresql has not answered yet',
    ],
    ['no host', relation({ 'postgresql/0': without('host') }), 'postgresql has not given a host yet'],
    ['no port', relation({ 'postgresql/0': without('port') }), 'postgresql has not given a port yet'],
    ['no user', relation({ 'postgresql/0': without('user') }), 'postgresql has not given a user and a password yet'],
    [
      'no password',
      relation({ 'postgresql/0': without('password') }),
      'postgresql has not given a user and a password yet',
    ],
    ['no database', relation({ 'postgresql/0': without('database') }), 'postgresql has not made the database wsgi yet'],
    [
      'another database',
      relation({ 'postgresql/0': { ...fields, database: 'old' } }),
      'postgresql offers the database old, not yet wsgi as asked',
    ],
    [
      'no leave',
      relation({ 'postgresql/0': { ...fields, 'allowed-units': 'wsgi/1 wsgi/00', 'allowed-subnets': '10.1.0.0/16' } }),
      'postgresql does not let wsgi/0 in yet: neither allowed-units nor allowed-subnets has it',
    ],
    [
      'only standbys',
      relation({ 'postgresql/0': { ...fields, state: 'hot standby' } }),
      'postgresql has no primary yet',
    ],
    [
      'a new user in the connection string and the old password in the field',
      relation({ 'postgresql/0': { ...fields, master: 'host=10.0.0.6 dbname=wsgi user=new' } }),
      'postgresql has not given a user and a password yet',
    ],
  ])('%s', (_, from, expected) => {
    expect(reason(from)).toBe(`waiting: ${expected}`);
  });

  test('an extension that was asked for and not given', () => {
    expect(reason(relation({ 'postgresql/0': fields }), { ...wanted, extensions: ['citext'], roles: ['reader'] })).toBe(
      'waiting: postgresql has not given the role reader and the extension citext yet',
    );
  });
});

test('a unix socket is refused', () => {
  expect(reason(relation({ 'postgresql/0': { ...fields, host: '/run/postgresql' } }))).toBe(
    'refused: postgresql gave the unix socket "/run/postgresql", which cannot be reached over the network',
  );
});
