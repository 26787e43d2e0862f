import { expect, test } from 'vitest';
import { type DatabaseConnection, databaseIdentity } from '../../relations/types.ts';
import { databaseUrl } from '../../relations/url.ts';
import { RELATIONS } from './table.ts';

/** What the row of a relation gives for a database that an earlier hook has kept, and what of it is secret. */
function given(endpoint: 'postgres' | 'mysql' | 'mongo', connection: DatabaseConnection) {
  const url = databaseUrl(connection, '/ca.pem');
  if ('whyNot' in url) throw new Error(url.whyNot);
  const found = RELATIONS[endpoint].recall(connection.relation, JSON.parse(JSON.stringify({ connection, url })));
  if (found === undefined) throw new Error('what was kept cannot be read');
  return found;
}

const postgresql: DatabaseConnection = {
  kind: 'postgresql',
  relation: 'postgres:3',
  endpoints: [
    { host: '10.0.0.5', port: 5432 },
    { host: '10.0.0.8', port: 5432 },
  ],
  readOnlyEndpoints: [
    { host: '10.0.0.6', port: 5432 },
    { host: 'fd00::7', port: 5432 },
  ],
  database: 'a/b',
  credentials: { user: 'u', password: 'p@' },
  options: {},
  tls: { ca: 'PEM' },
};
const mongodb: DatabaseConnection = {
  kind: 'mongodb',
  relation: 'mongo:4',
  endpoints: [
    { host: 'a', port: 27_017 },
    { host: 'b', port: 27_018 },
  ],
  readOnlyEndpoints: [],
  database: 'wsgi',
  credentials: undefined,
  options: { replicaSet: 'rs' },
};

test('PostgreSQL gives DATABASE_URL and its pieces', () => {
  const href = 'postgresql://u:p%40@10.0.0.5:5432/a%2Fb?sslmode=verify-full&sslrootcert=%2Fca.pem';
  expect(given('postgres', postgresql).variables).toEqual({
    DATABASE_URL: href,
    POSTGRESQL_DB_CONNECT_STRING: href,
    POSTGRESQL_DB_SCHEME: 'postgresql',
    POSTGRESQL_DB_NETLOC: 'u:p%40@10.0.0.5:5432',
    POSTGRESQL_DB_PATH: '/a%2Fb',
    POSTGRESQL_DB_PARAMS: '',
    POSTGRESQL_DB_QUERY: 'sslmode=verify-full&sslrootcert=%2Fca.pem',
    POSTGRESQL_DB_FRAGMENT: '',
    POSTGRESQL_DB_USERNAME: 'u',
    POSTGRESQL_DB_PASSWORD: 'p@',
    POSTGRESQL_DB_HOSTNAME: '10.0.0.5',
    POSTGRESQL_DB_PORT: '5432',
    POSTGRESQL_DB_NAME: 'a/b',
    POSTGRESQL_DB_ENDPOINTS: '10.0.0.5:5432,10.0.0.8:5432',
    POSTGRESQL_DB_READ_ONLY_ENDPOINTS: '10.0.0.6:5432,[fd00::7]:5432',
  });
});

test('MySQL gives its pieces, and the files by which its certificate is checked', () => {
  const found = given('mysql', { ...postgresql, kind: 'mysql', readOnlyEndpoints: [] });
  expect(found.variables).toMatchObject({
    DATABASE_URL: 'mysql://u:p%40@10.0.0.5:5432/a%2Fb?read_default_file=%2Fca.cnf',
    MYSQL_DB_CONNECT_STRING: 'mysql://u:p%40@10.0.0.5:5432/a%2Fb?read_default_file=%2Fca.cnf',
    MYSQL_DB_USERNAME: 'u',
    MYSQL_DB_PASSWORD: 'p@',
    MYSQL_DB_CA_FILE: '/ca.pem',
  });
  expect(found.certificate).toEqual({ pem: 'PEM', cnf: expect.stringContaining('ssl-ca=/ca.pem\n') });
});

test('MongoDB alone gives DATABASE_URL and MONGO_URL', () => {
  const href = 'mongodb://a:27017,b:27018/wsgi?replicaSet=rs';
  expect(given('mongo', mongodb).variables).toEqual({
    DATABASE_URL: href,
    MONGO_URL: href,
    MONGODB_DB_CONNECT_STRING: href,
    MONGODB_DB_SCHEME: 'mongodb',
    MONGODB_DB_NETLOC: 'a:27017,b:27018',
    MONGODB_DB_PATH: '/wsgi',
    MONGODB_DB_PARAMS: '',
    MONGODB_DB_QUERY: 'replicaSet=rs',
    MONGODB_DB_FRAGMENT: '',
    MONGODB_DB_HOSTNAME: 'a',
    MONGODB_DB_PORT: '27017',
    MONGODB_DB_NAME: 'wsgi',
    MONGODB_DB_ENDPOINTS: 'a:27017,b:27018',
  });
});

test('the user, the password and what holds them are secret; where the database is, is not', () => {
  const { secrets, variables } = given('postgres', postgresql);
  const { POSTGRESQL_DB_NETLOC: netloc, DATABASE_URL: href } = variables;
  expect(new Set(secrets)).toEqual(new Set([href, netloc, 'u', 'p@']));
});

test('another host or password is the same database; another name or relation is not', () => {
  const moved = { ...postgresql, endpoints: mongodb.endpoints, credentials: { user: 'v', password: 'q' } };
  expect(databaseIdentity(moved)).toBe(databaseIdentity(postgresql));
  expect(databaseIdentity({ ...postgresql, database: 'other' })).not.toBe(databaseIdentity(postgresql));
  expect(databaseIdentity({ ...postgresql, relation: 'postgres:5' })).not.toBe(databaseIdentity(postgresql));
});
