/** Relations that a start does not simply wait for: identity behind a proxy, traces, authorities to trust. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  type RelationInput,
  relationBroken,
  relationChanged,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';
import type { Databag } from '../../juju/types.ts';
import { CA_ONE, CA_TWO } from '../../relations/pem.fixture.ts';

const ACTIVE = { status: 'active', message: 'serving r1 on port 80' };
const SECRET = 'cq8s2nfmp25c77ddl0fg';
const TRUSTED = '/etc/gunicorn3/certificates/trusted.pem';

let charm: Charm;
let served: State;

const fresh = state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0 } });

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', fresh);
});

const relation = (id: string, remoteAppData: Databag = {}): RelationInput => ({
  ...{ id, remoteApp: 'remote', remoteUnits: { 'remote/0': {} }, remoteAppData },
});

function withRelations(before: State, ...relations: readonly RelationInput[]): State {
  const own = (id: string) => before.relations.find((each) => each.id === id);
  return state({
    ...before,
    relations: relations.map((each) => ({
      localAppData: own(each.id)?.localAppData ?? {},
      localUnitData: own(each.id)?.localUnitData ?? {},
      ...each,
    })),
  });
}

function broken(id: string, before: State): Promise<Outcome> {
  const relations = before.relations.map((each) => (each.id === id ? { ...each, remoteUnits: {} } : each));
  return run(charm, relationBroken(id), state({ ...before, relations }));
}

function environment(world: State): Readonly<Record<string, string>> {
  const unit = String(world.files['/etc/systemd/system/gunicorn3.service']);
  const path = /^EnvironmentFile=.*?(\/etc\/gunicorn3\/environment-\w+)/m.exec(unit)?.[1] ?? '';
  return Object.fromEntries(
    [...String(world.files[path]).matchAll(/^(\w+)="(.*)"$/gm)].map(([, name, value]) => [name, value]),
  );
}

const asked = (world: State, id: string): Databag => world.relations.find((each) => each.id === id)?.localAppData ?? {};

describe('oauth', () => {
  const provider: Databag = {
    issuer_url: 'https://idp.lan',
    authorization_endpoint: 'https://idp.lan/auth',
    token_endpoint: 'https://idp.lan/token',
    userinfo_endpoint: 'https://idp.lan/userinfo',
    jwks_endpoint: 'https://idp.lan/jwks',
    client_id: 'shop',
    client_secret_id: `secret:${SECRET}`,
  };
  const route = (url?: string) =>
    relation('haproxy-route:5', url === undefined ? {} : { endpoints: JSON.stringify([url]) });
  const secrets = [{ id: SECRET, content: { secret: 's' } }];

  test('has the proxy told before the first start, which then waits for the provider alone', async () => {
    const first = await run(charm, 'install', withRelations(fresh, relation('oauth:4'), route()));
    expect(first.status).toEqual({
      status: 'waiting',
      message:
        'oauth: BASE_URL is not known, to which users come back: relate haproxy-route or ingress, or set BASE_URL in environment_variables',
    });
    expect(asked(first, 'oauth:4')).toEqual({});
    expect(asked(first, 'haproxy-route:5')).toMatchObject({ ports: '[80]' });

    const routed = withRelations(first, relation('oauth:4'), route('https://shop.example.com'));
    const second = await run(charm, relationChanged('haproxy-route:5'), routed);
    expect(second.status).toEqual({ status: 'waiting', message: 'oauth: remote has not answered yet' });
    expect(asked(second, 'oauth:4')).toMatchObject({
      redirect_uri: 'https://shop.example.com/callback',
      scope: 'openid profile email',
    });

    const answered = withRelations(second, relation('oauth:4', provider), route('https://shop.example.com'));
    const third = await run(charm, relationChanged('oauth:4'), state({ ...answered, secrets }));
    expect(third.status).toEqual(ACTIVE);
    expect(environment(third)).toMatchObject({
      OAUTH_CLIENT_ID: 'shop',
      FLASK_OAUTH_CLIENT_SECRET: 's',
      OAUTH_REDIRECT_URI: 'https://shop.example.com/callback',
    });

    const gone = await broken('oauth:4', third);
    expect(gone.status).toEqual(ACTIVE);
    expect(environment(gone).OAUTH_CLIENT_ID).toBeUndefined();
  });

  test('takes the BASE_URL of the operator, and follows its own options', async () => {
    const config = {
      ...served.config,
      environment_variables: 'BASE_URL=https://own.example.com/',
      oauth_redirect_path: 'login/done',
      oauth_scopes: 'openid groups',
    };
    const world = state({ ...withRelations(served, relation('oauth:4', provider)), secrets, config });
    const after = await run(charm, 'config-changed', world);
    expect(after.status).toEqual(ACTIVE);
    expect(asked(after, 'oauth:4')).toMatchObject({
      redirect_uri: 'https://own.example.com/login/done',
      scope: 'openid groups',
    });
    expect(environment(after)).toMatchObject({ OAUTH_REDIRECT_URI: 'https://own.example.com/login/done' });
  });

  test('tells where the secret is not granted, and on Juju 2.9 that it needs one', async () => {
    const config = { ...served.config, environment_variables: 'BASE_URL=https://own.example.com' };
    const world = state({ ...withRelations(served, relation('oauth:4', provider)), config });
    const closed = await run(charm, 'config-changed', world);
    expect(closed.status.message).toMatch('oauth: the secret in which remote keeps the secret of our client');
    expect(closed.services['gunicorn3.service']).toMatchObject({ active: true });
    const open = await run(charm, 'update-status', state({ ...closed, secrets }));
    expect(open.status).toEqual(ACTIVE);

    const old = await run(charm, 'install', state({ ...fresh, jujuVersion: '2.9.50' }));
    const after = await run(
      charm,
      'config-changed',
      state({ ...withRelations(old, relation('oauth:4', provider)), config }),
    );
    expect(after.status.status).toBe('waiting');
    expect(after.status.message).toMatch(/or upgrade the controller to Juju 3$/);
  });
});

describe('tracing', () => {
  const receivers = JSON.stringify([{ protocol: { name: 'otlp_http', type: 'http' }, url: 'http://tempo:4318' }]);

  test('is not waited for, comes with its answer, and goes as any change: a running application is not stopped', async () => {
    const first = await run(charm, 'install', withRelations(fresh, relation('tracing:4')));
    expect(first.services['gunicorn3.service']).toMatchObject({ active: true });
    expect(first.status).toEqual({ status: 'waiting', message: 'tracing: remote has not said yet where traces go' });
    expect(asked(first, 'tracing:4')).toEqual({ receivers: '["otlp_http"]' });

    const second = await run(
      charm,
      relationChanged('tracing:4'),
      withRelations(first, relation('tracing:4', { receivers })),
    );
    expect(second.status).toEqual(ACTIVE);
    expect(environment(second)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo:4318',
      OTEL_SERVICE_NAME: 'wsgi',
    });

    const services = { ...second.services, 'gunicorn3-trial.service': { startFails: 'KeyError' } };
    const stuck = await broken('tracing:4', state({ ...second, services }));
    expect(stuck.services['gunicorn3.service']).toEqual(second.services['gunicorn3.service']);
    const gone = await broken('tracing:4', second);
    expect(environment(gone).OTEL_SERVICE_NAME).toBeUndefined();
  });
});

describe('receive-ca-certs', () => {
  const certs = (...pems: readonly string[]): Databag => ({ certificates: JSON.stringify(pems), version: '1' });
  const world = state({ ...fresh, files: { '/etc/ssl/certs/ca-certificates.crt': 'OF THE MACHINE' } });

  test('adds to what the machine trusts, of all relations, and follows each', async () => {
    const one = relation('receive-ca-certs:4', certs(CA_ONE));
    const first = await run(charm, 'install', withRelations(world, one));
    expect(first.status).toEqual(ACTIVE);
    expect(asked(first, 'receive-ca-certs:4')).toEqual({ version: '1' });
    const names = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'PIP_CERT', 'AWS_CA_BUNDLE'];
    for (const name of names) expect(environment(first)[name]).toMatch(new RegExp(`${TRUSTED}$`));
    expect(first.files[TRUSTED]).toBe(`OF THE MACHINE\n${CA_ONE}\n`);

    const both = withRelations(first, relation('receive-ca-certs:6', certs(CA_TWO)), one);
    const second = await run(charm, relationChanged('receive-ca-certs:6'), both);
    expect(second.status).toEqual(ACTIVE);
    expect(second.files[TRUSTED]).toBe(`OF THE MACHINE\n${CA_ONE}\n${CA_TWO}\n`);
    // Libraries read the file when they start.
    const generation = (at: State) =>
      /GUNICORN3_GENERATION=\w+/.exec(String(at.files['/etc/systemd/system/gunicorn3.service']))?.[0];
    expect(generation(second)).not.toBe(generation(first));

    const without = await broken('receive-ca-certs:4', second);
    expect(without.files[TRUSTED]).toBe(`OF THE MACHINE\n${CA_TWO}\n`);
    const none = await broken('receive-ca-certs:6', without);
    expect(environment(none).SSL_CERT_FILE).toBeUndefined();
  });

  test('keeps what it has while the other side is silent or says nonsense', async () => {
    const first = await run(charm, 'install', withRelations(world, relation('receive-ca-certs:4', certs(CA_ONE))));
    for (const [bag, status] of [
      [{}, 'waiting'],
      [certs('nonsense'), 'blocked'],
    ] as const) {
      const after = await run(
        charm,
        relationChanged('receive-ca-certs:4'),
        withRelations(first, relation('receive-ca-certs:4', bag)),
      );
      expect(after.status.status).toBe(status);
      expect(after.files[TRUSTED]).toBe(`OF THE MACHINE\n${CA_ONE}\n`);
    }
  });

  test('is there for pip before another relation is ready', async () => {
    const relations = [relation('receive-ca-certs:4', certs(CA_ONE)), relation('postgresql:5')];
    const after = await run(charm, 'install', withRelations(world, ...relations));
    expect(after.status).toEqual({ status: 'waiting', message: 'postgresql: remote has not answered yet' });
    expect(after.files[TRUSTED]).toBe(`OF THE MACHINE\n${CA_ONE}\n`);
  });
});
