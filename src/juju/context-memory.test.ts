/** What a context asks Juju for in one hook after another, seen by whole hooks of a small charm. */
import { describe, expect, it } from 'vitest';
import { relationBroken, relationJoined, secretChanged } from '../../packages/charm-testing/event.ts';
import { type Outcome, run } from '../../packages/charm-testing/run.ts';
import { type SmallHook, smallCharm } from '../../packages/charm-testing/small-charm.fixture.ts';
import { type State, state } from '../../packages/charm-testing/state.ts';
import { pickBy } from './staleness.ts';

const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: {} };
const secret = { id: '9m4e2mr0ui3e8a215n4g', owner: 'postgresql', content: { password: 'one' } };
const uri = `secret:${secret.id}`;

/** Runs events one after another, each in the state that the one before it left. */
async function life(hook: SmallHook, before: State, ...events: Parameters<typeof run>[1][]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const event of events) outcomes.push(await run(smallCharm(hook), event, outcomes.at(-1) ?? before));
  return outcomes;
}

const tools = (outcomes: readonly Outcome[]) => outcomes.map((outcome) => outcome.tools);

describe('secrets', () => {
  it('are read once, and again when they have changed', async () => {
    const seen: unknown[] = [];
    const hook: SmallHook = (juju) => void seen.push(juju.secret(uri, { refresh: true }).content);
    const outcomes = await life(hook, state({ secrets: [secret] }), 'config-changed', 'config-changed');
    const rotated = { ...outcomes[1], secrets: [{ ...secret, revisions: [secret.content, { password: 'two' }] }] };
    const after = await run(
      smallCharm(hook),
      secretChanged(secret.id),
      state({
        ...(rotated as object),
        secrets: [{ ...secret, revisions: [secret.content, { password: 'two' }], tracked: 1 }],
      }),
    );
    expect(tools(outcomes)).toEqual([[`secret-get ${uri} --refresh`], []]);
    expect(after.tools).toEqual([`secret-get ${uri} --refresh`]);
    expect(seen).toEqual([{ password: 'one' }, { password: 'one' }, { password: 'two' }]);
  });

  it('that cannot be read come with the reason', async () => {
    const seen: unknown[] = [];
    const hook: SmallHook = (juju) => void seen.push(juju.secret(uri).whyNot);
    await life(hook, state({ secrets: [{ ...secret, granted: false }] }), 'config-changed');
    await life(hook, state({ jujuVersion: '2.9.50' }), 'config-changed');
    expect(seen).toEqual([
      '"app/0" is not allowed to read this secret',
      'this Juju has no secrets; Juju 3.0 is the first that has',
    ]);
  });
});

describe('leadership', () => {
  const hook: SmallHook = (juju) => void juju.isLeader();

  it('is asked for in every hook of the leader, who is not told when it ceases to be', async () => {
    const outcomes = await life(hook, state({ leader: true }), 'config-changed', 'update-status');
    expect(tools(outcomes)).toEqual([['is-leader'], ['is-leader']]);
  });

  it('is not asked for again by another unit until it is elected', async () => {
    const outcomes = await life(hook, state(), 'config-changed', 'config-changed');
    const elected = await run(smallCharm(hook), 'leader-elected', { ...(outcomes[1] ?? state()), leader: true });
    expect(tools([...outcomes, elected])).toEqual([['is-leader'], [], ['is-leader']]);
  });

  it('is not asked for where the application databag is as it should be', async () => {
    const write: SmallHook = (juju) => juju.relationSet('website:1', { a: '1' }, { app: true });
    const outcomes = await life(
      write,
      state({ leader: true, relations: [website] }),
      'config-changed',
      'config-changed',
      'config-changed',
    );
    expect(outcomes[0]?.relations[0]?.localAppData).toEqual({ a: '1' });
    expect(outcomes[2]?.tools).toEqual([]);
    const minion = await life(write, state({ relations: [website] }), 'config-changed');
    expect(minion[0]?.debug).toEqual(["relation website:1: only the leader writes the application's data"]);
  });
});

describe('the rest', () => {
  it('network-get is asked again when the configuration, which an address is part of, has changed', async () => {
    const hook: SmallHook = (juju) => void juju.network('website');
    const outcomes = await life(hook, state(), 'config-changed', 'update-status', 'config-changed');
    expect(tools(outcomes).map((called) => called.length)).toEqual([1, 1, 1]);
    const joined = await run(smallCharm(hook), 'leader-elected', { ...(outcomes[2] ?? state()), leader: true });
    expect(joined.tools).toEqual([]);
  });

  it('an endpoint that Juju does not know has no network', async () => {
    const seen: unknown[] = [];
    await life((juju) => void seen.push(juju.network('nosuch')), state(), 'config-changed');
    expect(seen).toEqual([undefined]);
  });

  it('a resource is asked for again when another may have been attached', async () => {
    const seen: unknown[] = [];
    const hook: SmallHook = (juju) => void seen.push(juju.resource('build') !== undefined);
    const before = state({ resources: { build: '' } });
    const [empty, again] = await life(hook, before, 'config-changed', 'leader-settings-changed');
    const attached = await run(smallCharm(hook), 'upgrade-charm', {
      ...(again ?? before),
      resources: { build: 'new' },
    });
    expect(seen).toEqual([false, false, true]);
    expect(tools([empty, again, attached].filter((outcome) => outcome !== undefined))).toEqual([
      ['resource-get build'],
      [],
      ['resource-get build'],
    ]);
  });

  it('the workload version is set once', async () => {
    const outcomes = await life(
      (juju) => juju.setApplicationVersion('1.2'),
      state(),
      'config-changed',
      'leader-settings-changed',
    );
    expect(tools(outcomes)).toEqual([['application-version-set -- 1.2'], []]);
    expect(outcomes[1]?.workloadVersion).toBe('1.2');
  });

  it('a port that another unit holds is said in the log, and the hook goes on', async () => {
    const hook: SmallHook = (juju) => {
      juju.openPort('80');
      juju.openPort('81/tcp');
    };
    const [after] = await life(hook, state({ otherPorts: { 'other/0': ['80/tcp'] } }), 'config-changed');
    expect(after?.ports).toEqual(['81/tcp']);
    expect(after?.log).toEqual([
      {
        level: 'WARNING',
        message: 'open-port: cannot open 80/tcp (unit "app/0"): port range conflicts with 80/tcp (unit "other/0")',
      },
    ]);
  });

  it('a relation that is gone is empty, and writing to it is no failure', async () => {
    const seen: unknown[] = [];
    const hook: SmallHook = (juju) => {
      seen.push(juju.relationUnits('db:9'), juju.relationApp('db:9'), juju.relationGet('db:9', 'postgresql/0'));
      juju.relationSet('db:9', { database: 'x' });
    };
    const [after] = await life(hook, state(), 'config-changed');
    expect(seen).toEqual([[], undefined, {}]);
    expect(after?.log.map(({ message }) => message)).toEqual([
      'relation-set: invalid value "db:9" for option -r: relation not found',
    ]);
  });

  it('nothing is written to a relation that is breaking', async () => {
    const [after] = await life(
      (juju) => juju.relationSet('website:1', { port: '80' }),
      state({ relations: [website] }),
      relationBroken('website:1'),
    );
    expect(after?.tools).toEqual([]);
  });

  it('a status shown at once is there at once, and not written again', async () => {
    const seen: unknown[] = [];
    const hook: SmallHook = (juju) => {
      juju.showStatus('maintenance', 'unpacking');
      seen.push(juju.currentStatus());
      juju.setStatus('maintenance', 'unpacking');
    };
    const [after] = await life(hook, state(), 'config-changed');
    expect(seen).toEqual([{ status: 'maintenance', message: 'unpacking' }]);
    expect(after?.tools).toEqual(['status-get --include-data', 'status-set maintenance -- unpacking']);
  });

  it('what another program wrote in the same hook is read anew in the next', async () => {
    const hook: SmallHook = (juju) => {
      juju.relationSet('website:1', { port: '80' });
      juju.openPort('80/tcp');
      juju.setStatus('active', '');
    };
    const foreign: SmallHook = (juju, io, store) => {
      hook(juju, io, store);
      juju.commit();
      for (const line of ['relation-set -r website:1 port=81', 'close-port 80/tcp', 'status-set blocked theirs']) {
        const [tool = '', ...args] = line.split(' ');
        io.run(tool, args);
      }
      if ('forgetOwnWrites' in juju && typeof juju.forgetOwnWrites === 'function') juju.forgetOwnWrites();
    };
    const before = state({ relations: [{ ...website, remoteUnits: { 'haproxy/0': {} } }] });
    const [theirs] = await life(foreign, before, relationJoined('website:1', 'haproxy/0'));
    expect(theirs).toMatchObject({ ports: [], status: { status: 'blocked' } });
    const [ours] = await life(hook, theirs ?? before, 'config-changed');
    expect(ours).toMatchObject({ ports: ['80/tcp'], status: { status: 'active' } });
    expect(ours?.relations[0]?.localUnitData).toEqual({ port: '80' });
  });
});

describe('update-status', () => {
  it('doubts another answer each time, by the digits of its id', () => {
    const picked = new Set(
      Array.from({ length: 200 }, (_, hook) => pickBy(`app/0-update-status-${hook.toString(16)}`)(7)),
    );
    expect([...picked].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(pickBy('any')(0)).toBe(0);
  });
});
