import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  action,
  exec,
  relationBroken,
  relationDeparted,
  relationJoined,
  storageAttached,
  storageDetaching,
} from './event.ts';
import { HookFailedError, run } from './run.ts';
import { serving, smallCharm } from './small-charm.fixture.ts';
import { state } from './state.ts';

const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } };

describe('run', () => {
  it('gives back what the hook left with Juju and on the machine', async () => {
    const after = await run(serving, 'config-changed', state({ config: { motd: 'Hej' }, relations: [website] }));
    expect(after.status).toEqual({ status: 'active', message: 'Ready' });
    expect(after.ports).toEqual(['80/tcp']);
    expect(after.relations[0]?.localUnitData).toEqual({ port: '80' });
    expect(after.flags).toEqual({ 'web.available': null });
    expect(after.files['/srv/web/index.html']).toBe('Hej\n');
    expect(after.packages.nginx).toBeDefined();
    expect(after.users).toEqual(['web']);
    expect(after.services['web.service']).toMatchObject({ active: true, environment: { PORT: '80' } });
    expect(after.ran).toContainEqual({ program: 'systemctl', args: ['start', '--', 'web'], code: 0 });
  });

  it('takes the state after one hook as the state before the next', async () => {
    const first = await run(serving, 'config-changed', state({ relations: [website] }));
    const second = await run(serving, 'update-status', first);
    expect(second.tools.filter((tool) => /-(set|port) /.test(tool))).toEqual([]);
    expect(second.ran.map(({ args }) => args[0])).not.toContain('start');
    const third = await run(serving, 'config-changed', { ...second, config: { port: 8080 } });
    expect(third.ports).toEqual(['8080/tcp']);
  });

  it('does not change the state that it was given', async () => {
    const before = state({ relations: [website] });
    const copy = structuredClone({ ...before, programs: {} });
    await run(serving, 'install', before);
    expect({ ...before, programs: {} }).toEqual(copy);
    expect(Object.isFrozen(before.relations[0]?.remoteUnits)).toBe(true);
  });

  it('leaves files and processes as they are to a hook that begins where the last one ended', async () => {
    const seen: unknown[] = [];
    const charm = smallCharm(async (juju, io, store) => {
      await serving.hook(io);
      const shown = await io.machine.run('systemctl', ['show', '-p', 'MainPID', 'web']);
      const { ino } = statSync(io.machine.path('/srv/web/index.html'));
      seen.push({ ino, shown: shown.stdout });
      store.reload();
      juju.debug('seen');
    });
    const first = await run(charm, 'config-changed', state({}));
    const second = await run(charm, 'update-status', first);
    await run(charm, 'update-status', second);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    // A world of its own, and one that the test has changed, begin anew.
    await run(charm, 'update-status', state({ ...first, files: { ...first.files, '/etc/motd': 'Hej\n' } }));
    expect(seen[3]).not.toEqual(seen[0]);
  });

  it('lists a unit no more when it departs, though its data can be read, and forgets it then', async () => {
    const seen: unknown[] = [];
    const charm = smallCharm((juju) => {
      seen.push(juju.relationUnits('website:1'), juju.relationGet('website:1', 'haproxy/0'));
    });
    const relations = [{ ...website, remoteUnits: { 'haproxy/0': { a: '1' }, 'haproxy/1': {} } }];
    const after = await run(charm, relationDeparted('website:1', 'haproxy/0'), state({ relations }));
    expect(seen).toEqual([['haproxy/1'], { a: '1' }]);
    expect(Object.keys(after.relations[0]?.remoteUnits ?? {})).toEqual(['haproxy/1']);
  });

  it('lets the remote application be read in relation-broken, and takes the relation away', async () => {
    const seen: unknown[] = [];
    const charm = smallCharm((juju) => {
      seen.push(juju.relationUnits('website:1'), juju.relationGet('website:1', 'haproxy'));
    });
    const relations = [{ ...website, remoteUnits: {}, remoteAppData: { a: '1' } }];
    const after = await run(charm, relationBroken('website:1'), state({ relations }));
    expect(seen).toEqual([[], { a: '1' }]);
    expect(after.relations).toEqual([]);
  });

  it('has no peer relation in install', async () => {
    const seen: unknown[] = [];
    const charm = smallCharm((juju) => void seen.push(juju.relationIds('ring')));
    const before = state({ relations: [{ id: 'ring:0', remoteApp: 'app' }] });
    await run(charm, 'config-changed', await run(charm, 'install', before));
    expect(seen).toEqual([[], ['ring:0']]);
  });

  it('gives an action its parameters, and what it gave back', async () => {
    const charm = smallCharm((juju) => {
      juju.actionResult({ where: String(juju.actionParams().to), 'size.bytes': '12' });
      juju.actionFail('disk full');
    });
    const after = await run(charm, action('backup', { to: '/srv' }), state());
    expect(after.action).toEqual({
      status: 'failed',
      message: 'disk full',
      results: { where: '/srv', 'size.bytes': '12' },
      log: [],
    });
  });

  it('gives an action the defaults of actions.yaml', async () => {
    const charm = smallCharm((juju) => juju.actionResult({ where: String(juju.actionParams().to) }));
    expect((await run(charm, action('backup'), state())).action?.results).toEqual({ where: '/backup' });
  });

  it('runs an action typed by an operator, with the variables set there', async () => {
    const charm = smallCharm((juju, { env }) => juju.actionResult({ name: juju.event.name, to: env.TO ?? '' }));
    const after = await run(charm, exec('actions/backup', { TO: '/srv' }), state());
    expect(after.debug).toEqual(['name: backup', 'to: /srv']);
  });

  it('rejects when the hook fails, and tells what is left then', async () => {
    const charm = smallCharm((juju, _, store) => {
      juju.showStatus('maintenance', 'at it');
      juju.relationSet('website:1', { port: '80' });
      store.flags.set('lost', null);
      throw new Error('a bug');
    });
    const failed = await run(charm, 'config-changed', state({ relations: [website] })).catch((error) => error);
    expect(failed).toBeInstanceOf(HookFailedError);
    expect(failed.message).toBe('config-changed failed: a bug');
    expect(failed.outcome).toMatchObject({
      exitCode: 1,
      status: { status: 'maintenance', message: 'at it' },
      flags: {},
      interrupted: true,
    });
    expect(failed.outcome.relations[0].localUnitData).toEqual({});
  });

  it('kills a hook before any call, and the next one ends where it should', async () => {
    const before = state({ relations: [website] });
    const whole = await run(serving, 'config-changed', before);
    const calls = whole.tools.length + whole.ran.length;
    for (let killAt = 1; killAt <= calls; killAt++) {
      const killed = await run(serving, 'config-changed', before, { killAt }).catch((error) => error);
      expect(killed.outcome.exitCode).toBe(137);
      const after = await run(serving, 'config-changed', killed.outcome);
      expect(after).toMatchObject({ status: whole.status, ports: whole.ports, files: whole.files });
      expect(after.relations).toEqual(whole.relations);
    }
  });

  it('answers a program as the state says', async () => {
    const before = state({ archive: ['vim'], programs: { 'systemctl start': { code: 1, stderr: 'no\n' } } });
    const after = await run(serving, 'install', before);
    expect(after.packages.nginx).toBeUndefined();
    expect(after.services['web.service']?.active).toBeUndefined();
    expect(after.ran).toContainEqual({ program: 'systemctl', args: ['start', '--', 'web'], code: 1 });
  });

  it('hands a resource over as a file, and says when there is none', async () => {
    const seen: unknown[] = [];
    const charm = smallCharm((juju) => void seen.push(juju.resource('build')?.replace(/^.*\//, '')));
    await run(charm, 'install', state({ resources: { build: 'bytes' } }));
    await run(charm, 'install', state());
    expect(seen).toEqual(['build.tar.gz', undefined]);
  });

  it('lets a joined unit be heard by its relation', async () => {
    const after = await run(serving, relationJoined('website:1', 'haproxy/0'), state({ relations: [website] }));
    expect(after.relations[0]?.localUnitData).toEqual({ port: '80' });
  });
});

describe('storage', () => {
  const storage = [
    { id: 'uploads/0', location: '/srv/uploads' },
    { id: 'uploads/1', location: '/srv/more' },
  ];
  const lists = smallCharm((juju, io) => {
    const found = juju
      .storageIds('uploads')
      .map((id) => `${id} ${juju.storage(id)?.kind} ${juju.storage(id)?.location}`);
    juju.setStatus('active', [io.env.JUJU_STORAGE_ID, ...found].join(', '));
    juju.debug(String(juju.storage('uploads/7')));
  });

  it('is told by its ids and places, and named in its event', async () => {
    const after = await run(lists, storageAttached('uploads/1'), state({ storage }));
    expect(after.status.message).toBe('uploads/1, uploads/0 filesystem /srv/uploads, uploads/1 filesystem /srv/more');
    expect(after.debug).toEqual(['undefined']);
  });

  it('is there while it detaches, and gone after', async () => {
    const after = await run(lists, storageDetaching('uploads/0'), state({ storage }));
    expect(after.status.message).toContain('uploads/0 filesystem');
    expect(after.storage).toEqual(storage.slice(1));
  });
});

describe('relations of one endpoint', () => {
  it('have an address of the unit each', async () => {
    const tells = smallCharm((juju) => {
      const addresses = juju.relationIds('website').map((id) => juju.network('website', id)?.ingressAddresses);
      juju.setStatus('active', [...addresses, juju.network('website')?.bindAddresses].join(', '));
    });
    const relations = [
      { ...website, address: '10.1.0.1' },
      { ...website, id: 'website:2', address: '10.2.0.1' },
      { ...website, id: 'website:3' },
    ];
    const after = await run(tells, 'config-changed', state({ address: '10.0.0.1', relations }));
    expect(after.status.message).toBe('10.1.0.1, 10.2.0.1, 10.0.0.1, 10.0.0.1');
  });
});
