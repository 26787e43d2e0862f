/** The URLs that applications get, read by the libraries that applications use. */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { DatabaseConnection } from '../../src/relations/types.ts';
import { databaseUrl } from '../../src/relations/url.ts';
import { pythonWith } from '../servers/python.ts';

const REQUIREMENTS = [
  ...['psycopg[binary]==3.3.9', 'pymongo==4.20.0'],
  ...['dj-database-url==3.1.2', 'django-environ==0.14.0', 'SQLAlchemy==2.1.9'],
];
const CA_FILE = join(tmpdir(), `database urls ${process.pid}.pem`);

const Read = z.object({
  user: z.string(),
  password: z.string(),
  hosts: z.array(z.tuple([z.string(), z.number()])),
  database: z.string(),
  options: z.record(z.string(), z.string()),
});
const Answers = z.array(z.record(z.string(), Read));

const text = fc.oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ minLength: 1 }), fc.emailAddress());
/** MongoDB has no databases with these characters in their names, and pymongo refuses them. */
const mongodbName = text.filter((name) => !/[\s/\\."$*<>:|?\0]/.test(name));
const endpoint = fc.record({
  host: fc.oneof(
    fc.ipV4(),
    fc.domain().map((name) => name.toLowerCase()),
    fc.ipV6().map((address) => new URL(`http://[${address}]`).hostname.slice(1, -1)),
  ),
  port: fc.integer({ min: 1, max: 65_535 }),
});
const common = {
  relation: fc.constant('database:3'),
  readOnlyEndpoints: fc.constant([]),
  credentials: fc.record({ user: text, password: text }),
  tls: fc.constantFrom({}, { ca: 'PEM' }),
};
const postgresql = fc.record({
  ...common,
  kind: fc.constant('postgresql' as const),
  endpoints: fc.tuple(endpoint),
  database: text,
  options: fc.record({ application_name: text, connect_timeout: fc.constant('7') }, { requiredKeys: [] }),
});
/** SQLAlchemy takes the name of the database as it is in the URL. */
const mysql = fc.record({
  ...common,
  kind: fc.constant('mysql' as const),
  endpoints: fc.oneof(
    fc.tuple(endpoint),
    fc.tuple(fc.record({ host: fc.constant('/run/mysqlrouter/mysql.sock'), port: fc.constant(3306) })),
  ),
  database: fc.stringMatching(/^[\w-]{1,64}$/),
  options: fc.constant({}),
});
const mongodb = fc.record({
  ...common,
  kind: fc.constant('mongodb' as const),
  endpoints: fc.oneof(fc.tuple(endpoint), fc.tuple(endpoint, endpoint, endpoint)),
  database: mongodbName,
  options: fc.record({ replicaSet: text, authSource: mongodbName }, { requiredKeys: [] }),
});

let python: string;

beforeAll(async () => {
  python = await pythonWith(REQUIREMENTS);
  await writeFile(CA_FILE, '');
});

test.each([
  ['PostgreSQL', postgresql],
  ['MySQL', mysql],
  ['MongoDB', mongodb],
])('%s', async (_, connections) => {
  const written = fc.sample<DatabaseConnection>(connections, 500).flatMap((connection) => {
    const url = databaseUrl(connection, CA_FILE);
    return 'href' in url ? [{ connection, url }] : [];
  });
  expect(written.length).toBeGreaterThan(400);

  const { stdout } = await execa(python, [join(import.meta.dirname, 'read_urls.py')], {
    input: JSON.stringify(written.map(({ url }) => url.href)),
  });
  const answers = Answers.parse(JSON.parse(stdout));
  expect(answers.length).toBe(written.length);

  for (const [at, { connection, url }] of written.entries()) {
    expect(Object.keys(answers[at] ?? {})).toEqual(READERS[connection.kind]);
    for (const read of Object.values(answers[at] ?? {})) {
      expect(read, url.href).toEqual({
        ...connection.credentials,
        hosts: connection.endpoints.map(({ host, port }) => [host.startsWith('/') ? 'localhost' : host, port]),
        database: connection.database,
        options: inTheirWords(connection.kind, url.options),
      });
    }
  }
});

const READERS: Readonly<Record<DatabaseConnection['kind'], readonly string[]>> = {
  postgresql: ['libpq', 'django'],
  mysql: ['django', 'django_environ', 'sqlalchemy_url'],
  mongodb: ['pymongo'],
};

/** pymongo knows options in small letters, and `tls` as a boolean. */
function inTheirWords(kind: DatabaseConnection['kind'], options: Readonly<Record<string, string>>) {
  if (kind !== 'mongodb') return options;
  const named = Object.entries(options).map(([key, value]) => [key.toLowerCase(), key === 'tls' ? 'True' : value]);
  return Object.fromEntries(named);
}
