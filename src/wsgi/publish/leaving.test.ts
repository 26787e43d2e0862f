/** A unit that leaves: Juju takes its relations and answers, and the machine is to be left as it was found. */
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  relationBroken,
  relationDeparted,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';

let charm: Charm;
/** Serving, with a proxy in front. */
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const proxy = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } };
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 }, relations: [proxy] }));
});

const GONE = 'ERROR unit "wsgi/0" not found (not found)';
const TOOLS = [
  'application-version-set',
  'close-port',
  'config-get',
  'goal-state',
  'is-leader',
  'juju-log',
  'leader-get',
  'network-get',
  'opened-ports',
  'relation-get',
  'relation-ids',
  'relation-list',
  'relation-set',
  'status-get',
  'status-set',
];

describe.each(['stop', 'remove'])('%s', (hook) => {
  const isClean = (world: State) => {
    expect(world.services['gunicorn3.service']?.active ?? false).toBe(false);
    if (hook === 'remove') expect(world.files['/etc/systemd/system/gunicorn3.service']).toBeUndefined();
  };

  it.each(TOOLS)('ends well where %s fails, and clears the machine', async (tool) => {
    const failingTools = { [tool]: GONE };
    isClean(await run(charm, hook, { ...served, interrupted: true }, { failingTools }));
  });

  it('ends well where Juju answers nothing at all', async () => {
    const failingTools = Object.fromEntries(TOOLS.map((tool) => [tool, GONE]));
    isClean(await run(charm, hook, { ...served, interrupted: true }, { failingTools }));
  });
});

describe('a unit that is being removed', () => {
  const DATABASE = {
    id: 'postgresql:2',
    remoteApp: 'db',
    remoteUnits: { 'db/0': {} },
    remoteAppData: { database: 'wsgi', endpoints: '10.0.0.5:5432', username: 'me', password: 'x' },
  };
  const URL = 'postgresql://me:x@10.0.0.5:5432/wsgi';
  let related: State;
  beforeAll(async () => {
    related = await run(charm, 'config-changed', state({ ...served, relations: [...served.relations, DATABASE] }));
    expect(related.services['gunicorn3.service']?.environment?.DATABASE_URL).toBe(URL);
  });

  /** The units of the database are gone already. */
  const alone = () => ({
    ...related,
    relations: related.relations.map((one) => (one.id === DATABASE.id ? { ...one, remoteUnits: {} } : one)),
  });
  const website = ({ relations }: State) => relations.find(({ id }) => id === 'website:1')?.localUnitData;
  /** Told to proxies, and nothing done to the service. */
  const expectLeaving = (world: Outcome) => {
    expect(website(world)).not.toHaveProperty('port');
    expect(world.services).toEqual(related.services);
    expect(world.ran.filter(({ program }) => program === 'systemctl')).toEqual([]);
    expect(world.ports).toEqual(['80/tcp']);
    expect(world.status).toEqual({
      status: 'waiting',
      message: 'the unit is being removed; it serves until it is stopped',
    });
  };

  it('leaves its proxies at the first word of it, and serves with its credentials until stop', async () => {
    expect(website(related)).toHaveProperty('port', '80');
    const departed = await run(charm, relationDeparted('postgresql:2', 'db/0', 'wsgi/0'), related);
    expectLeaving(departed);
    const broken = await run(charm, relationBroken('postgresql:2'), departed);
    expectLeaving(broken);
    const gone = await run(charm, relationDeparted('website:1', 'haproxy/0', 'wsgi/0'), broken);
    expect(gone.services).toEqual(related.services);
    const stopped = await run(charm, 'stop', gone);
    expect(stopped.services['gunicorn3.service']).toMatchObject({ active: false, enabled: false });
  });

  it('is known by goal-state where its database breaks without a unit that departs', async () => {
    const dying = state({ ...alone(), goal: { dying: true } });
    expectLeaving(await run(charm, relationBroken('postgresql:2'), dying));
  });

  it('is no unit whose database is removed, nor one whose proxy loses a unit', async () => {
    const without = await run(charm, relationBroken('postgresql:2'), alone());
    expect(without.services['gunicorn3.service']?.environment).not.toHaveProperty('DATABASE_URL');
    expect(website(without)).toHaveProperty('port', '80');
    const departed = await run(charm, relationDeparted('website:1', 'haproxy/0'), related);
    expect(departed.status.status).toBe('active');
    expect(website(departed)).toHaveProperty('port', '80');
  });
});
