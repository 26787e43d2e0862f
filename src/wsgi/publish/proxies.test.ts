/** What proxies in front of the application are told, and what the application is told of them. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Charm,
  loadCharm,
  type RelationInput,
  relationBroken,
  relationChanged,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';

let charm: Charm;
/** Deployed, and serving r1 on port 80, on the leader. */
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const fresh = state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0, health_path: '/ok' } });
  served = await run(charm, 'install', fresh);
});

const haproxy = (endpoints?: string): RelationInput => ({
  id: 'haproxy-route:4',
  remoteApp: 'haproxy',
  remoteUnits: { 'haproxy/0': { 'ingress-address': '10.0.0.40' } },
  remoteAppData: endpoints === undefined ? {} : { endpoints },
});
const traefik = (url?: string): RelationInput => ({
  id: 'ingress:5',
  remoteApp: 'traefik',
  remoteUnits: { 'traefik/0': { 'ingress-address': '10.0.0.50' } },
  remoteAppData: url === undefined ? {} : { ingress: JSON.stringify({ url }) },
});
const withRelations = (before: State, ...relations: RelationInput[]): State => state({ ...before, relations });

/** As Juju has it in relation-broken: the units of HAProxy have gone. */
function departed(before: State): State {
  const relations = before.relations.map((each) =>
    each.remoteApp === 'haproxy' ? { ...each, remoteUnits: {} } : each,
  );
  return state({ ...before, relations });
}

/** BASE_URL in the environment of the unit that is in place. */
function baseUrl({ files }: State): string | undefined {
  const path = /^EnvironmentFile=.*(\/etc\/gunicorn3\/environment-\w+)$/m.exec(unitOf(files))?.[1] ?? '';
  return /^BASE_URL="(.*)"$/m.exec(String(files[path]))?.[1];
}

const unitOf = (files: State['files']): string => String(files['/etc/systemd/system/gunicorn3.service']);

describe('a proxy in front of the application', () => {
  it('is told where a unit is, and by the leader what is served', async () => {
    const related = withRelations(served, haproxy(), traefik());
    const after = await run(charm, relationChanged('haproxy-route:4', 'haproxy/0'), related);
    expect(after.relations.map(({ localUnitData, localAppData }) => [localUnitData, localAppData])).toEqual([
      [
        { address: '"10.0.0.10"' },
        {
          service: '"test-wsgi"',
          ports: '[80]',
          check: '{"interval":10,"rise":2,"fall":3,"path":"/ok"}',
          retry: '{"count":3,"redispatch":true}',
        },
      ],
      [
        { host: '"10.0.0.10"', ip: '"10.0.0.10"' },
        {
          model: '"test"',
          name: '"wsgi"',
          port: '80',
          'strip-prefix': 'true',
          healthcheck_params: '{"path":"/ok","interval":"10s"}',
        },
      ],
    ]);
    expect(after.status).toMatchObject({
      status: 'waiting',
      message: 'haproxy-route: haproxy has not said yet at which URL it serves the application (and 1 more)',
    });
    expect(after.ports).toEqual(['80/tcp']);
  });

  it('is told by a unit that is not the leader of its address only', async () => {
    const follower = { ...withRelations(served, haproxy(), traefik()), leader: false };
    const after = await run(charm, relationChanged('ingress:5', 'traefik/0'), follower);
    expect(after.relations.map(({ localAppData }) => localAppData)).toEqual([{}, {}]);
    expect(after.relations.map(({ localUnitData }) => Object.keys(localUnitData))).toEqual([
      ['address'],
      ['host', 'ip'],
    ]);
  });

  it('is told no port before the application serves', async () => {
    const wrong: readonly State['config'][] = [{ wsgi_module: 'nope:app' }, { port: 0 }];
    for (const config of wrong) {
      const fresh = state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0, ...config } });
      const services = { 'gunicorn3-trial.service': { startFails: "ModuleNotFoundError: No module named 'nope'" } };
      const related = { ...withRelations(fresh, haproxy(), traefik()), services: state({ services }).services };
      const after = await run(charm, relationChanged('haproxy-route:4', 'haproxy/0'), related);
      expect(after.status.status).toBe('blocked');
      expect(after.relations.map(({ localAppData }) => localAppData)).toEqual([{}, {}]);
      // One unit without an address would have the library refuse all others.
      expect(after.relations[0]?.localUnitData).toEqual({ address: '"10.0.0.10"' });
      expect(after.relations[1]?.localUnitData).toMatchObject({ host: '"10.0.0.10"' });
    }
  });

  it('is told the new port in the hook that opens it', async () => {
    const before = await run(charm, 'config-changed', withRelations(served, haproxy(), traefik()));
    const after = await run(charm, 'config-changed', state({ ...before, config: { ...before.config, port: 8080 } }));
    expect(after.relations.map(({ localAppData: { ports, port } }) => ports ?? port)).toEqual(['[8080]', '8080']);
  });

  it('does not keep the first start waiting', async () => {
    const fresh = state({ unit: 'wsgi/0', leader: true, config: { settle_time: 0 } });
    const after = await run(charm, 'install', withRelations(fresh, haproxy()));
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
    expect(baseUrl(after)).toBeUndefined();
  });

  it('is believed when it says who asks', async () => {
    const after = await run(charm, 'config-changed', withRelations(served, haproxy(), traefik()));
    expect(unitOf(after.files)).toMatch(/10\.0\.0\.40,10\.0\.0\.50/);
  });
});

describe('BASE_URL', () => {
  const HAPROXY = '["https://shop.example.com/"]';
  const TRAEFIK = 'http://10.0.0.50/test-wsgi';

  it('comes from the proxy that says it', async () => {
    const one = await run(charm, 'config-changed', withRelations(served, haproxy(HAPROXY)));
    expect(one.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(baseUrl(one)).toBe('https://shop.example.com');
    const other = await run(charm, 'config-changed', withRelations(served, haproxy(), traefik(TRAEFIK)));
    expect(baseUrl(other)).toBe(TRAEFIK);
  });

  it('comes from haproxy-route where both say it, and from the one that stays', async () => {
    const both = await run(charm, 'config-changed', withRelations(served, haproxy(HAPROXY), traefik(TRAEFIK)));
    expect(baseUrl(both)).toBe('https://shop.example.com');
    const gone = await run(charm, relationBroken('haproxy-route:4'), departed(both));
    expect(baseUrl(gone)).toBe(TRAEFIK);
    expect(gone.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
  });

  it('stays while the proxy is silent for a moment', async () => {
    const before = await run(charm, 'config-changed', withRelations(served, haproxy(HAPROXY)));
    const after = await run(charm, relationChanged('haproxy-route:4'), withRelations(before, haproxy()));
    expect(baseUrl(after)).toBe('https://shop.example.com');
    expect(after.services['gunicorn3.service']).toEqual(before.services['gunicorn3.service']);
  });

  it('goes with its proxy as with any change: the running application stays where the new one does not start', async () => {
    const before = await run(charm, 'config-changed', withRelations(served, haproxy(HAPROXY)));
    const services = { ...before.services, 'gunicorn3-trial.service': { startFails: "KeyError: 'BASE_URL'" } };
    const after = await run(charm, relationBroken('haproxy-route:4'), departed(state({ ...before, services })));
    expect(after.status.message).toContain("KeyError: 'BASE_URL'");
    expect(after.services['gunicorn3.service']).toEqual(before.services['gunicorn3.service']);
  });
});
