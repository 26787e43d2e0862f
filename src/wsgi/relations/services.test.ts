/** Databases, queues, stores and others from their first word to their removal: what the application is given, and the status. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  type Event,
  loadCharm,
  type Outcome,
  relationBroken,
  relationChanged,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';
import type { Databag } from '../../juju/types.ts';

interface Service {
  readonly endpoint: string;
  /** All that is needed; each key is. */
  readonly unit?: Databag;
  readonly app?: Databag;
  /** Where it is when it has moved. */
  readonly moved: { readonly unit?: Databag; readonly app?: Databag };
  readonly variable: string;
  readonly url: string;
  readonly movedUrl: string;
  /** What is waited for while the last key of the whole is missing. */
  readonly lacks: string;
}

const services: readonly Service[] = [
  {
    endpoint: 'mysql',
    app: { database: 'wsgi', username: 'u', password: 'p', endpoints: '10.0.0.5:3306' },
    moved: { app: { endpoints: '10.0.0.6:3306', password: 'q' } },
    variable: 'DATABASE_URL',
    url: 'mysql://u:p@10.0.0.5:3306/wsgi',
    movedUrl: 'mysql://u:q@10.0.0.6:3306/wsgi',
    lacks: 'mysql: remote has not given its endpoints yet',
  },
  {
    endpoint: 'redis',
    unit: { port: '6379', hostname: '10.0.0.5' },
    moved: { unit: { hostname: '10.0.0.6', password: 'q' } },
    variable: 'REDIS_URL',
    url: 'redis://10.0.0.5:6379',
    movedUrl: 'redis://:q@10.0.0.6:6379',
    lacks: 'redis: remote has not given a host yet',
  },
  {
    endpoint: 'valkey',
    app: { endpoints: '10.0.0.5:6379', username: 'u', password: 'p' },
    moved: { app: { password: 'q' } },
    variable: 'VALKEY_DB_CONNECT_STRING',
    url: 'valkey://u:p@10.0.0.5:6379',
    movedUrl: 'valkey://u:q@10.0.0.5:6379',
    lacks: 'valkey: remote has not given a user and a password yet',
  },
  {
    endpoint: 'rabbitmq',
    unit: { hostname: '10.0.0.5', password: 'p' },
    moved: { unit: { password: 'q' } },
    variable: 'AMQP_URL',
    url: 'amqp://wsgi:p@10.0.0.5:5672/%2F',
    movedUrl: 'amqp://wsgi:q@10.0.0.5:5672/%2F',
    lacks: 'rabbitmq: remote has not given a host and a password yet',
  },
  {
    endpoint: 's3',
    app: { endpoint: 'http://10.0.0.5:9000', bucket: 'b', 'access-key': 'a', 'secret-key': 'p' },
    moved: { app: { endpoint: 'http://10.0.0.6:9000', 'secret-key': 'q' } },
    variable: 'AWS_SECRET_ACCESS_KEY',
    url: 'p',
    movedUrl: 'q',
    lacks: 's3: remote has not given an access key and a secret key yet',
  },
  {
    endpoint: 'smtp',
    app: {
      ...{ host: '10.0.0.5', port: '587', auth_type: 'plain', transport_security: 'starttls', user: 'u' },
      password: 'p',
    },
    moved: { app: { host: '10.0.0.6', password: 'q' } },
    variable: 'EMAIL_URL',
    url: 'smtp+tls://u:p@10.0.0.5:587?tls=True',
    movedUrl: 'smtp+tls://u:q@10.0.0.6:587?tls=True',
    lacks: 'smtp: remote has not given a user and a password yet',
  },
  {
    endpoint: 'saml',
    app: { entity_id: 'idp', metadata_url: 'https://idp/metadata', x509certs: 'MIIB' },
    moved: { app: { x509certs: 'MIIC,MIIB' } },
    variable: 'SAML_SIGNING_CERTIFICATE',
    url: 'MIIB',
    movedUrl: 'MIIC',
    lacks: 'saml: remote has not given its signing certificate yet',
  },
  {
    endpoint: 'openfga',
    app: { http_api_url: 'http://10.0.0.5:8080', store_id: '01H', token: 'p' },
    moved: { app: { token: 'q' } },
    variable: 'FGA_TOKEN',
    url: 'p',
    movedUrl: 'q',
    lacks: 'openfga: remote has not given a store and a token yet',
  },
];

let charm: Charm;
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0 } }));
});

function related(before: State, { endpoint }: Service, unit: Databag = {}, app: Databag = {}): State {
  const relation = { id: `${endpoint}:4`, remoteApp: 'remote', remoteUnits: { 'remote/0': unit }, remoteAppData: app };
  const { relations: known } = before;
  const own = known.find(({ id }) => id === relation.id);
  const { localUnitData = {}, localAppData = {} } = own ?? {};
  const others = known.filter(({ id }) => id !== relation.id);
  return state({ ...before, relations: [...others, { ...relation, localUnitData, localAppData }] });
}

/** The variables that the application was started with. */
function environment(world: State): Readonly<Record<string, string>> {
  const unit = String(world.files['/etc/systemd/system/gunicorn3.service']);
  const path = /^EnvironmentFile=.*?(\/etc\/gunicorn3\/environment-\w+)/m.exec(unit)?.[1] ?? '';
  return Object.fromEntries(
    [...String(world.files[path]).matchAll(/^(\w+)="(.*)"$/gm)].map(([, name, value]) => [name, value]),
  );
}

/** All units have departed by then. */
function broken(id: string, before: State): Promise<Outcome> {
  const relations = before.relations.map((each) => (each.id === id ? { ...each, remoteUnits: {} } : each));
  return run(charm, relationBroken(id), state({ ...before, relations }));
}

const tell = (event: string | Event, world: State): Promise<Outcome> => run(charm, event, world);
const ACTIVE = { status: 'active', message: 'serving r1 on port 80' };

describe.each(services)('$endpoint', (service) => {
  const { endpoint, unit, app, moved, variable, url, movedUrl, lacks } = service;
  const changed = unit === undefined ? relationChanged(`${endpoint}:4`) : relationChanged(`${endpoint}:4`, 'remote/0');
  const withoutLast = (bag: Databag | undefined) => Object.fromEntries(Object.entries(bag ?? {}).slice(0, -1));

  test('is waited for while half written, gives its URL, follows a new password, and takes all of it away', async () => {
    const half = await tell(changed, related(served, service, withoutLast(unit), withoutLast(app)));
    expect(half.status).toEqual({ status: 'waiting', message: lacks });
    expect(half.services['gunicorn3.service']).toMatchObject({ active: true });
    expect(environment(half)).toEqual(environment(served));

    const ready = await tell(changed, related(half, service, unit, app));
    expect(ready.status).toEqual(ACTIVE);
    expect(environment(ready)[variable]).toBe(url);

    const silent = await tell(changed, related(ready, service, withoutLast(unit), withoutLast(app)));
    expect(silent.status).toEqual({ status: 'waiting', message: lacks });
    expect(environment(silent)[variable]).toBe(url);

    const rotated = await tell(changed, related(silent, service, { ...unit, ...moved.unit }, { ...app, ...moved.app }));
    expect(rotated.status).toEqual(ACTIVE);
    expect(environment(rotated)[variable]).toBe(movedUrl);

    const gone = await broken(`${endpoint}:4`, rotated);
    expect(gone.status).toEqual(ACTIVE);
    expect(environment(gone)).toEqual(environment(served));
  });

  test('blocks no start for good: a first deploy waits', async () => {
    const fresh = state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0 } });
    const waiting = await tell('install', related(fresh, service));
    expect(waiting.status).toEqual({ status: 'waiting', message: `${endpoint}: remote has not answered yet` });
    const ready = await tell(changed, related(waiting, service, unit, app));
    expect(ready.status).toEqual(ACTIVE);
    expect(environment(ready)[variable]).toBe(url);
  });

  test('with nonsense in every field is a status, and no failed hook', async () => {
    const nonsense = (bag: Databag | undefined) =>
      Object.fromEntries(Object.keys(bag ?? {}).map((key) => [key, "'\u0001=%zz:\\ not/this,,"]));
    const after = await tell(changed, related(served, service, nonsense(unit), nonsense(app)));
    expect(after.status.status).toMatch(/^(waiting|blocked)$/);
    expect(after.status.message).toMatch(new RegExp(`^${endpoint}: remote `));
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
  });

  test('is asked on Juju 2.9 too', async () => {
    const old = await run(
      charm,
      'install',
      state({ unit: 'wsgi/0', leader: true, jujuVersion: '2.9.50', config: { settle_time: 0 } }),
    );
    const after = await tell(changed, related(old, service, unit, app));
    expect(after.status).toEqual(ACTIVE);
    expect(environment(after)[variable]).toBe(url);
  });
});

interface Secret {
  readonly endpoint: string;
  /** The key that names the secret. */
  readonly names: string;
  /** Fields of the secret, by the keys of the databag that have them otherwise. */
  readonly fields: Databag;
  readonly what: string;
}

const withSecrets: readonly Secret[] = [
  ...['mysql', 'valkey'].map((endpoint) => ({
    ...{ endpoint, names: 'secret-user', what: 'the credentials' },
    fields: { username: 'username', password: 'password' },
  })),
  {
    ...{ endpoint: 's3', names: 'secret-extra', what: 'the keys' },
    fields: { 'access-key': 'access-key', 'secret-key': 'secret-key' },
  },
  { endpoint: 'smtp', names: 'password_id', what: 'the password', fields: { password: 'password' } },
  { endpoint: 'openfga', names: 'token_secret_id', what: 'the token', fields: { token: 'token' } },
];

describe.each(withSecrets)('$endpoint, with its credentials in a secret', ({ endpoint, names, fields, what }) => {
  const changed = relationChanged(`${endpoint}:4`);
  const found = services.find((service) => service.endpoint === endpoint);
  if (found === undefined) throw new Error(endpoint);
  const service = found;
  const whole = Object.entries(service.app ?? {});
  const id = 'cq8s2nfmp25c77ddl0fg';
  const bag = { ...Object.fromEntries(whole.filter(([key]) => !Object.hasOwn(fields, key))), [names]: `secret:${id}` };

  test('is waited for until the secret is granted', async () => {
    const closed = await tell(changed, related(served, service, {}, bag));
    expect(closed.status.status).toBe('waiting');
    expect(closed.status.message).toMatch(`${endpoint}: the secret in which remote keeps ${what} cannot be read`);
    const content = Object.fromEntries(whole.flatMap(([key, text]) => (fields[key] ? [[fields[key], text]] : [])));
    const open = await tell('update-status', state({ ...closed, secrets: [{ id, content }] }));
    expect(open.status).toEqual(ACTIVE);
    expect(environment(open)[service.variable]).toBe(service.url);
  });

  test('says on Juju 2.9 what mends it', async () => {
    const old = await run(
      charm,
      'install',
      state({ unit: 'wsgi/0', leader: true, jujuVersion: '2.9.50', config: { settle_time: 0 } }),
    );
    const after = await tell(changed, related(old, service, {}, bag));
    expect(after.status.status).toBe('waiting');
    expect(after.status.message).toMatch(
      /(remove the relation and relate again|in its place), or upgrade the controller to Juju 3$/,
    );
  });
});

test('of Redis and Valkey the older relation counts, and the younger one once that is gone', async () => {
  const [, redis, valkey] = services;
  if (redis === undefined || valkey === undefined) throw new Error('no such services');
  const first = await tell(relationChanged('redis:4', 'remote/0'), related(served, redis, redis.unit));
  const relation = { id: 'valkey:5', remoteApp: 'remote', remoteUnits: { 'remote/0': {} } };
  const both = state({ ...first, relations: [...first.relations, { ...relation, remoteAppData: valkey.app ?? {} }] });
  const second = await tell(relationChanged('valkey:5'), both);
  expect(environment(second)).toMatchObject({ REDIS_URL: redis.url });
  const third = await broken('redis:4', second);
  expect(environment(third)).toMatchObject({ REDIS_URL: 'redis://u:p@10.0.0.5:6379', VALKEY_DB_USERNAME: 'u' });
});

test('DATABASE_URL is PostgreSQL before MySQL, and MySQL before MongoDB', async () => {
  const database = (id: string, port: string) => ({
    ...{ id, remoteApp: 'remote', remoteUnits: { 'remote/0': {} } },
    remoteAppData: { database: 'wsgi', username: 'u', password: 'p', endpoints: `10.0.0.5:${port}` },
  });
  const all = [database('mongodb:1', '27017'), database('mysql:2', '3306'), database('postgresql:3', '5432')];
  const after = await tell(relationChanged('mysql:2'), state({ ...served, relations: all }));
  expect(environment(after)).toMatchObject({
    DATABASE_URL: 'postgresql://u:p@10.0.0.5:5432/wsgi',
    MYSQL_DB_CONNECT_STRING: 'mysql://u:p@10.0.0.5:3306/wsgi',
  });
  const without = await broken('postgresql:3', after);
  expect(environment(without)).toMatchObject({ DATABASE_URL: 'mysql://u:p@10.0.0.5:3306/wsgi' });
});
