import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DatabaseConnection } from './types.ts';
import { databaseUrl } from './url.ts';
import { whyNotReadBack } from './url-check.ts';

const base: DatabaseConnection = {
  kind: 'postgresql',
  relation: 'postgres:3',
  endpoints: [{ host: '10.0.0.5', port: 5432 }],
  readOnlyEndpoints: [],
  database: 'wsgi',
  credentials: { user: 'u', password: 'p' },
  options: {},
};
const mongo: DatabaseConnection = { ...base, kind: 'mongodb', endpoints: [{ host: 'a', port: 27_017 }] };

function href(connection: DatabaseConnection, caFile?: string): string {
  const url = databaseUrl(connection, caFile);
  return 'whyNot' in url ? url.whyNot : url.href;
}

describe('the URL of a database', () => {
  const ca = { tls: { ca: 'PEM' } };
  const two: DatabaseConnection['endpoints'] = [
    { host: 'a', port: 27_017 },
    { host: 'fd00::5', port: 27_018 },
  ];

  test.each<[string, DatabaseConnection, string]>([
    ['plain', base, 'postgresql://u:p@10.0.0.5:5432/wsgi'],
    [
      'what is not plain is encoded',
      { ...base, database: 'a/b c', credentials: { user: 'ü@h', password: "p:/?#[]@!$&'()*+,;= %25" } },
      'postgresql://%C3%BC%40h:p%3A%2F%3F%23%5B%5D%40%21%24%26%27%28%29%2A%2B%2C%3B%3D%20%2525@10.0.0.5:5432/a%2Fb%20c',
    ],
    [
      'IPv6 in brackets',
      { ...base, endpoints: [{ host: 'fd00::5', port: 5432 }] },
      'postgresql://u:p@[fd00::5]:5432/wsgi',
    ],
    ['one host of PostgreSQL', { ...base, endpoints: two }, 'postgresql://u:p@a:27017/wsgi'],
    [
      'all hosts of MongoDB',
      { ...mongo, endpoints: two, options: { replicaSet: 'rs' } },
      'mongodb://u:p@a:27017,[fd00::5]:27018/wsgi?replicaSet=rs',
    ],
    ['no credentials', { ...mongo, credentials: undefined }, 'mongodb://a:27017/wsgi'],
    [
      'TLS with a CA',
      { ...base, ...ca },
      'postgresql://u:p@10.0.0.5:5432/wsgi?sslmode=verify-full&sslrootcert=%2Fca.pem',
    ],
    ['TLS with a CA, MongoDB', { ...mongo, ...ca }, 'mongodb://u:p@a:27017/wsgi?tls=true&tlsCAFile=%2Fca.pem'],
    ['TLS without a CA', { ...base, tls: {} }, 'postgresql://u:p@10.0.0.5:5432/wsgi?sslmode=require'],
    ['TLS without a CA, MongoDB', { ...mongo, tls: {} }, 'mongodb://u:p@a:27017/wsgi?tls=true'],
    [
      'a database named like a path',
      { ...base, database: '..' },
      'its database is named "..", which a URL reads as a path',
    ],
    [
      'a NUL',
      { ...base, credentials: { user: 'u', password: 'a\0b' } },
      'its credentials or database name hold a NUL or half a character, which no variable can',
    ],
  ])('%s', (_, connection, expected) => {
    expect(href(connection, '/ca.pem')).toBe(expected);
  });

  const text = fc.string({ unit: 'binary', minLength: 1 });
  const endpoint = fc.record({
    host: fc.oneof(
      fc.ipV4(),
      fc.domain().map((name) => name.toLowerCase()),
      fc.ipV6().map((address) => new URL(`http://[${address}]`).hostname.slice(1, -1)),
    ),
    port: fc.integer({ min: 1, max: 65_535 }),
  });
  const connections = fc.record({
    kind: fc.constantFrom('postgresql' as const, 'mongodb' as const),
    relation: fc.constant('postgres:3'),
    endpoints: fc.tuple(endpoint, endpoint),
    readOnlyEndpoints: fc.constant([]),
    database: text,
    credentials: fc.record({ user: text, password: text }),
    options: fc.dictionary(fc.constantFrom('replicaSet', 'authSource', 'connect_timeout'), text),
    tls: fc.oneof(fc.constant({}), fc.record({ ca: text })),
  });

  test('is read back alike by the libraries, or refused with a reason', async () => {
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', note);
    await fc.assert(
      fc.asyncProperty(connections, async (connection) => {
        const url = databaseUrl(connection, '/var/lib/wsgi/ca/postgres.pem');
        if ('whyNot' in url) {
          expect(url.whyNot).toMatch(/NUL|path/);
        } else {
          expect(await whyNotReadBack(connection, url)).toBeUndefined();
        }
      }),
    );
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  test('that says something else is found out, without a word of the password', async () => {
    const url = databaseUrl(base, undefined);
    if ('whyNot' in url) throw new Error(url.whyNot);
    const others: [DatabaseConnection, string][] = [
      [{ ...base, credentials: { user: 'other', password: 'p' } }, 'user'],
      [{ ...base, credentials: { user: 'u', password: 's3cret' } }, 'password'],
      [{ ...base, endpoints: [{ host: '10.0.0.5', port: 1 }] }, 'host'],
      [{ ...base, database: 'other' }, 'database name'],
    ];
    for (const [meant, what] of others) {
      expect(await whyNotReadBack(meant, url)).toBe(`its ${what} cannot be written as a URL that is read back alike`);
    }
  });
});
