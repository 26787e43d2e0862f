/** What the charm decides, as worlds: one in, one event, one out. Processes and files of its own are in test/sandbox. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Charm } from '../../packages/charm-testing/index.ts';
import {
  action,
  loadCharm,
  type Outcome,
  relationBroken,
  relationChanged,
  relationCreated,
  relationJoined,
  run,
  type State,
  state,
} from '../../packages/charm-testing/index.ts';

let charm: Charm;
/** Deployed, and serving r1 on port 80. */
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
});

describe('a first deploy', () => {
  it('serves the example and says so', () => {
    expect(served.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(served.ports).toEqual(['80/tcp']);
    expect(Object.keys(served.flags)).toEqual(
      expect.arrayContaining(['wsgi.active', 'wsgi.available', 'wsgi.configured', 'wsgi.ready', 'wsgi.system.ready']),
    );
    expect(served.services['gunicorn3.service']).toMatchObject({ active: true, enabled: true });
    expect(served.workloadVersion).toMatch(/^gunicorn \d+/);
  });

  it('is blocked by a bad option before anything is on the machine', async () => {
    const after = await run(charm, 'install', state({ unit: 'wsgi/0', config: { port: 0 } }));
    expect(after.status).toMatchObject({ status: 'blocked', message: expect.stringMatching(/^port: 0/) });
    expect(after.services).toEqual({});
  });

  it('waits for a database that is related and not ready', async () => {
    const after = await run(
      charm,
      'install',
      state({
        unit: 'wsgi/0',
        leader: true,
        config: { settle_time: 0 },
        relations: [{ id: 'postgres:1', remoteApp: 'postgresql', remoteUnits: { 'postgresql/0': {} } }],
      }),
    );
    expect(after.status).toMatchObject({ status: 'waiting', message: expect.stringMatching(/^postgres: postgresql /) });
    expect(after.relations[0]?.localUnitData).toMatchObject({ database: 'wsgi' });
    expect(after.relations[0]?.localAppData).toMatchObject({ database: 'wsgi' });
    expect(after.services['gunicorn3.service']).toBeUndefined();
  });
});

describe('a new unit beside a database', () => {
  const config = { settle_time: 0, provision_command: 'true' };
  const goal = { relations: { postgresql: ['db', 'db/0'], website: ['haproxy', 'haproxy/0'] } };
  const installing = state({ unit: 'wsgi/1', config, goal });
  const ready = {
    id: 'postgresql:1',
    remoteApp: 'db',
    remoteUnits: {},
    remoteAppData: { database: 'wsgi', endpoints: '10.0.0.5:5432', username: 'me', password: 'x' },
  };
  const provisions = (world: Outcome) =>
    world.ran.filter(({ program, args }) => program === 'systemd-run' && args.join(' ').includes('provision'));

  it('makes packages, build and environment in install, and starts nothing before it knows its relations', async () => {
    const after = await run(charm, 'install', installing);
    expect(after.status).toEqual({
      status: 'waiting',
      message: 'postgresql: Juju has not told this unit of the relation yet',
    });
    expect(after.services['gunicorn3.service']).toBeUndefined();
    expect(provisions(after)).toEqual([]);
    expect(after.ports).toEqual([]);
    expect(after.data['wsgi.builds']).toMatchObject({ latest: 'r1' });
    expect(Object.keys(after.files).some((path) => path.startsWith('/opt/gunicorn3/venvs/'))).toBe(true);

    const website = { id: 'website:2', remoteApp: 'haproxy', remoteUnits: {} };
    const told = await run(charm, relationCreated('website:2'), {
      ...after,
      relations: state({ relations: [website] }).relations,
    });
    expect(told.services['gunicorn3.service']).toBeUndefined();

    const known = state({ ...told, relations: [...told.relations, ready] });
    const served = await run(charm, relationCreated('postgresql:1'), known);
    expect(served.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(served.services['gunicorn3.service']?.environment?.DATABASE_URL).toBe(
      'postgresql://me:x@10.0.0.5:5432/wsgi',
    );
    expect(provisions(served)).toHaveLength(1);
  });

  it('does not wait for a relation that is not there any more once its configuration is told', async () => {
    const after = await run(charm, 'install', installing);
    expect((await run(charm, 'config-changed', after)).status.status).toBe('active');
  });

  it('waits for config-changed where goal-state does not answer', async () => {
    const failingTools = { 'goal-state': 'ERROR connection is shut down' };
    const after = await run(charm, 'install', state({ unit: 'wsgi/1', config }), { failingTools });
    expect(after.status).toEqual({ status: 'waiting', message: 'the relations of this unit are not known yet' });
    expect((await run(charm, 'config-changed', after, { failingTools })).status.status).toBe('active');
  });
});

describe('a hook that changes nothing', () => {
  it('asks Juju at most twice, starts nothing and writes nothing', async () => {
    // Juju has told of all relations once the first update-status comes.
    const settled = await run(charm, 'update-status', served);
    const after = await run(charm, 'update-status', settled);
    expect(after.tools.length).toBeLessThanOrEqual(2);
    expect(after.ran).toEqual([]);
    expect({ ...after.files, ...after.flags }).toEqual({ ...settled.files, ...settled.flags });
  });
});

describe('the file that every hook reads', () => {
  it('has no more in it than a hook without news needs', async () => {
    const entry = await readFile(join(charm.dir, 'lib/entry.cjs'), 'utf8');
    expect(entry.length).toBeLessThan(90_000);
    expect(entry).not.toContain('ZodMini');
  });
});

describe('a change that does not work', () => {
  it('leaves the service as it was, and says which option', async () => {
    const broken = state({
      ...served,
      config: { ...served.config, wsgi_module: 'nope:app' },
      services: {
        ...served.services,
        'gunicorn3-trial.service': { startFails: "ModuleNotFoundError: No module named 'nope'" },
      },
    });
    const after = await run(charm, 'config-changed', broken);
    expect(after.status).toEqual({
      status: 'blocked',
      message: 'wsgi_module: nope:app is not in this build; found: wsgi.py (application)',
    });
    expect(after.services['gunicorn3.service']).toEqual(served.services['gunicorn3.service']);
    expect(after.ports).toEqual(['80/tcp']);
    expect(Object.keys(after.flags)).toContain('wsgi.available');
  });
});

describe('a change that works in the trial and not in its place', () => {
  it('is refused with the exception, and not with what came of it', async () => {
    const journal = [
      'Starting gunicorn3.service - gunicorn for wsgi/0...',
      'Traceback (most recent call last):',
      '  File "wsgi.py", line 1, in <module>',
      'RuntimeError: not in this place',
      // What gunicorn itself adds is longer than the application's own words.
      'Traceback (most recent call last):',
      ...Array.from({ length: 20 }, (_, line) => `  File "gunicorn/arbiter.py", line ${line}, in run`),
      "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
      'gunicorn3.service: Main process exited, code=exited, status=3/NOTIMPLEMENTED',
      'Starting gunicorn3.service - gunicorn for wsgi/0...',
      'gunicorn3: it died again and again: it is not started any more until somebody asks for it',
    ];
    const fails = { active: true, enabled: true, startFails: journal.join('\n') };
    const services = { ...served.services, 'gunicorn3.service': fails };
    const changed = state({ ...served, services, config: { ...served.config, build_label: 'r2' } });
    const after = await run(charm, 'config-changed', changed);
    expect(after.status).toEqual({
      status: 'blocked',
      message: 'build r2 does not start: RuntimeError: not in this place',
    });
  });
});

describe('the website', () => {
  const related = () =>
    state({ ...served, relations: [{ id: 'website:3', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } }] });

  it('is told where the application is', async () => {
    const after = await run(charm, relationJoined('website:3', 'haproxy/0'), related());
    expect(after.relations[0]?.localUnitData).toMatchObject({
      hostname: served.address,
      port: '80',
      'private-address': served.address,
    });
    expect(Object.keys(after.flags)).toContain('website.available');
  });

  it('is told the new port in the hook that opens it', async () => {
    const joined = await run(charm, relationJoined('website:3', 'haproxy/0'), related());
    const after = await run(charm, 'config-changed', state({ ...joined, config: { ...joined.config, port: 8080 } }));
    expect(after.relations[0]?.localUnitData).toMatchObject({ port: '8080' });
    expect(after.ports).toEqual(['8080/tcp']);
  });

  it('is told of no port once the unit stops', async () => {
    const joined = await run(charm, relationJoined('website:3', 'haproxy/0'), related());
    const after = await run(charm, 'stop', joined);
    expect(after.relations[0]?.localUnitData).not.toHaveProperty('port');
    expect(after.services['gunicorn3.service']).toMatchObject({ active: false, enabled: false });
    expect(Object.keys(after.flags)).not.toContain('wsgi.available');
  });
});

describe('an open port', () => {
  it('is closed again where the hook that closed it was ended before Juju kept that', async () => {
    const moved = await run(charm, 'config-changed', { ...served, config: { ...served.config, port: 8080 } });
    expect(moved.ports).toEqual(['8080/tcp']);
    const ended = { ...moved, ports: ['22/tcp', '80/tcp'], interrupted: true };
    expect((await run(charm, 'update-status', ended)).ports).toEqual(['22/tcp', '8080/tcp']);
  });

  it("that is another's by now is left alone", async () => {
    const moved = await run(charm, 'config-changed', { ...served, config: { ...served.config, port: 8080 } });
    const again = { ...moved, ports: ['80/tcp', '8080/tcp'], config: { ...served.config, port: 8081 } };
    expect((await run(charm, 'config-changed', again)).ports).toEqual(['80/tcp', '8081/tcp']);
  });
});

describe('a database', () => {
  const master = 'host=10.0.0.5 port=5432 dbname=wsgi user=juju_wsgi password=s3cret';
  const bag = { master, 'allowed-units': 'wsgi/0', database: 'wsgi', state: 'standalone' };
  const related = () =>
    state({
      ...served,
      relations: [{ id: 'postgres:2', remoteApp: 'postgresql', remoteUnits: { 'postgresql/0': bag } }],
    });
  const environmentOf = (world: State) =>
    Object.entries(world.files).find(([path]) => path.startsWith('/etc/gunicorn3/environment-'))?.[1];

  it('reaches the application as DATABASE_URL, and nobody else', async () => {
    const after = await run(charm, relationChanged('postgres:2', 'postgresql/0'), related());
    expect(after.status).toMatchObject({ status: 'active' });
    expect(environmentOf(after)).toContain('DATABASE_URL="postgresql://juju_wsgi:s3cret@10.0.0.5:5432/wsgi"');
    const others = Object.entries(after.files).filter(([path]) => !path.startsWith('/etc/gunicorn3/environment-'));
    expect(JSON.stringify([others, after.log, after.debug, after.data])).not.toContain('s3cret');
  });

  it('has its parts under the names that the application reads, and they follow a new password', async () => {
    const config = { ...served.config, environment_from: 'DB_PW=POSTGRESQL_DB_PASSWORD' };
    const event = relationChanged('postgres:2', 'postgresql/0');
    const first = await run(charm, event, { ...related(), config });
    expect(environmentOf(first)).toContain('DB_PW="s3cret"');
    const rotated = { ...bag, master: master.replace('s3cret', 'rotated') };
    const after = await run(
      charm,
      event,
      state({
        ...first,
        relations: [{ id: 'postgres:2', remoteApp: 'postgresql', remoteUnits: { 'postgresql/0': rotated } }],
      }),
    );
    expect(environmentOf(after)).toContain('DB_PW="rotated"');
    expect(after.status.status).toBe('active');
  });

  it('that says nothing for a while leaves the application with what it has', async () => {
    const ready = await run(charm, relationChanged('postgres:2', 'postgresql/0'), related());
    const silent = state({
      ...ready,
      relations: [{ id: 'postgres:2', remoteApp: 'postgresql', remoteUnits: { 'postgresql/0': {} } }],
    });
    const after = await run(charm, relationChanged('postgres:2', 'postgresql/0'), silent);
    expect(after.status).toMatchObject({ status: 'waiting', message: expect.stringMatching(/^postgres: /) });
    expect(environmentOf(after)).toContain('s3cret');
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
  });

  it('that is gone takes its variable with it', async () => {
    const ready = await run(charm, relationChanged('postgres:2', 'postgresql/0'), related());
    const after = await run(
      charm,
      relationBroken('postgres:2'),
      state({ ...ready, relations: [{ id: 'postgres:2', remoteApp: 'postgresql', remoteUnits: {} }] }),
    );
    expect(environmentOf(after)).not.toContain('DATABASE_URL');
    expect(after.status).toMatchObject({ status: 'active' });
  });
});

describe('what was first asked of a database', () => {
  const client = { endpoints: '10.0.0.5:5432', database: 'wsgi', username: 'u', password: 's3cret' };
  const legacy = {
    master: 'host=10.0.0.5 port=5432 dbname=wsgi user=u password=s3cret',
    'allowed-units': 'wsgi/0 wsgi/1',
    database: 'wsgi',
  };
  const related = (world: State, more: Partial<State['relations'][number]> = {}) =>
    state({
      ...world,
      leader: true,
      relations: [
        { id: 'postgres:2', remoteApp: 'older', remoteUnits: { 'older/0': legacy }, ...more },
        { id: 'postgresql:3', remoteApp: 'newer', remoteUnits: { 'newer/0': {} }, remoteAppData: client },
      ],
    });
  const asked = (world: State) =>
    world.relations.map(({ localUnitData, localAppData }) => [localUnitData.database, localAppData.database]);

  it('is not asked differently on the same relation, and the status says how to get the other', async () => {
    const first = await run(charm, relationChanged('postgres:2', 'older/0'), related(served));
    const after = await run(charm, 'config-changed', {
      ...first,
      config: { ...first.config, database_name: 'shop', database_roles: 'reader' },
    });
    expect(asked(after)).toEqual([
      ['wsgi', 'wsgi'],
      [undefined, 'wsgi'],
    ]);
    expect(after.relations.map(({ localAppData }) => localAppData['extra-user-roles'])).toEqual([undefined, undefined]);
    expect(after.status).toEqual({
      status: 'blocked',
      message: 'database_name: shop holds for new relations; remove the relation and relate again (and 1 more)',
    });
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
    const back = await run(charm, 'config-changed', { ...after, config: first.config });
    expect(back.status.status).toBe('active');
  });

  it('is what a unit asks that joins later, though the option has changed', async () => {
    const world = related({ ...served, config: { ...served.config, database_name: 'shop' } });
    const added = { ...world, leader: false, relations: world.relations.slice(0, 1) };
    const after = await run(charm, relationChanged('postgres:2', 'older/0'), added);
    expect(after.relations[0]?.localUnitData).toMatchObject({ database: 'wsgi' });
  });
});

describe('actions', () => {
  it('list-builds tells what is installed', async () => {
    const after = await run(charm, action('list-builds'), served);
    expect(after.action).toMatchObject({ status: 'completed', results: { current: 'r1', latest: 'r1' } });
  });

  it('set-current-symlink fails with a sentence for a label that is not there', async () => {
    const after = await run(charm, action('set-current-symlink', { label: 'r9' }), served);
    expect(after.action).toMatchObject({
      status: 'failed',
      message: 'there is no build r9 on this unit; installed: r1',
    });
    expect(after.status).toEqual(served.status);
  });
});

describe('a store that is lost', () => {
  it('loses neither the builds nor which of them an operator chose', async () => {
    const newer = await run(charm, 'config-changed', { ...served, config: { ...served.config, build_label: 'r2' } });
    const chosen = await run(charm, action('set-current-symlink', { label: 'r1' }), newer);
    const after = await run(charm, 'update-status', { ...chosen, flags: {}, data: {} });
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(after.links).toEqual(chosen.links);
    expect((await run(charm, action('list-builds'), after)).action).toEqual(
      (await run(charm, action('list-builds'), chosen)).action,
    );
  });

  it('takes nothing from what another unit left on the machine', async () => {
    const newer = await run(charm, 'config-changed', { ...served, config: { ...served.config, build_label: 'r2' } });
    const { '/etc/systemd/system/gunicorn3.service': _, ...files } = newer.files;
    const after = await run(charm, 'config-changed', { ...newer, unit: 'wsgi/1', files, flags: {}, data: {} });
    expect(after.data['wsgi.builds']).toMatchObject({ builds: [{ label: 'r2' }], served: ['r2'] });
  });
});

describe('another owner', () => {
  const UNIT = '/etc/systemd/system/gunicorn3.service';
  const AGENT = '/var/lib/juju/agents/unit-wsgi-0/agent.conf';
  const foreign = { [UNIT]: '# Owner: shop/3\n[Service]\nExecStart=/bin/true\n' };
  const installed = (files: Readonly<Record<string, string>>) =>
    run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 }, files: { ...foreign, ...files } }));

  it('that Juju has removed without a hook leaves its machine to this unit, and the log says so', async () => {
    const after = await installed({ [AGENT]: '' });
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(after.files[UNIT]).toContain('# Owner: wsgi/0\n');
    expect(after.log).toContainEqual({
      level: 'WARNING',
      message: 'gunicorn3.service belonged to shop/3, which is no more on this machine; it is removed',
    });
  });

  it('is known by its processes too, where it has no web server', async () => {
    const worker = '/etc/systemd/system/wsgi-worker@.service';
    const files = { [worker]: '# Owner: shop/3\n[Service]\nExecStart=/bin/true\n', [AGENT]: '' };
    const before = state({ unit: 'wsgi/0', config: { settle_time: 0 }, files });
    const left = await run(charm, 'install', before);
    expect(left.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(left.files[worker]).toBeUndefined();

    const there = { ...files, '/var/lib/juju/agents/unit-shop-3/agent.conf': '' };
    const refused = await run(charm, 'install', state({ unit: 'wsgi/0', files: there }));
    expect(refused.status.message).toBe(
      'wsgi-worker@.service belongs to shop/3; use another machine, or remove that unit',
    );
    const removed = await run(charm, 'remove', refused);
    expect(removed.files[worker]).toContain('shop/3');
  });

  it('that is there yet keeps its service', async () => {
    const after = await installed({ [AGENT]: '', '/var/lib/juju/agents/unit-shop-3/agent.conf': '' });
    expect(after.status.message).toBe('gunicorn3.service belongs to shop/3; use another machine, or remove that unit');
    expect(after.files[UNIT]).toContain('shop/3');
  });

  it('keeps its service, and the unit says whose it is', async () => {
    const unit = '/etc/systemd/system/gunicorn3.service';
    const after = await run(
      charm,
      'install',
      state({ unit: 'wsgi/0', files: { [unit]: '# Owner: shop/3\n[Service]\nExecStart=/bin/true\n' } }),
    );
    expect(after.status).toEqual({
      status: 'blocked',
      message: 'gunicorn3.service belongs to shop/3; use another machine, or remove that unit',
    });
    expect(after.files[unit]).toContain('shop/3');
  });
});
