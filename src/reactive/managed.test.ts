import { describe, expect, test } from 'vitest';
import { handler, when, whenNot } from './conditions.ts';
import { runHook, type World } from './hook-context.fixture.ts';
import { openState } from './hook-run.ts';
import { MemoryStore } from './store.ts';
import type { Condition, Flag, Store } from './types.ts';

const defaults = { port: 80, motd: '', key: undefined };

/** The managed flags that handlers see in one hook, and the hook tools that this took. */
async function seen(
  store: Store,
  world: World,
  watched: Condition = whenNot('x'),
  leaderSettings?: () => Record<string, string> | undefined,
): Promise<{ flags: Flag[]; asked: readonly string[]; logged: readonly string[] }> {
  let flags: Flag[] = [];
  const all = handler('all', [whenNot('x')], (api) => {
    flags = api.flags.all().filter((flag) => !flag.startsWith('config.'));
  });
  const { context } = await runHook([all, handler('watching', [watched], () => {})], {
    store,
    world,
    managed: { leaderSettings },
  });
  return { flags, asked: context.asked, logged: context.logged };
}

describe('config flags', () => {
  async function inHook(store: Store, config: World['config']): Promise<string[]> {
    let flags: string[] = [];
    const note = handler('note', [whenNot('x')], (api) => {
      flags = api.flags.all();
    });
    await runHook([note], { store, world: { config: config ?? {} }, managed: { defaults } });
    return flags;
  }

  test('all options count as changed in the first hook', async () => {
    expect(await inHook(new MemoryStore(), { port: 80, motd: '' })).toEqual([
      'config.changed',
      'config.changed.key',
      'config.changed.motd',
      'config.changed.port',
      'config.default.key',
      'config.default.motd',
      'config.default.port',
      'config.set.port',
    ]);
  });

  test('later only what changed, a reset option too, for one hook', async () => {
    const store = new MemoryStore();
    await inHook(store, { port: 80, motd: 'hello', key: 'k' });
    expect(await inHook(store, { port: 0, motd: 'hello' })).toEqual([
      'config.changed',
      'config.changed.key',
      'config.changed.port',
      'config.default.key',
      'config.set.motd',
    ]);
    expect(await inHook(store, { port: 0, motd: 'hello' })).toEqual(['config.default.key', 'config.set.motd']);
  });

  test('one that a handler set or cleared is as the option says in the next hook', async () => {
    const store = new MemoryStore();
    const before = await inHook(store, { port: 80 });
    store.flags.set('config.set.motd', null);
    store.flags.delete('config.set.port');
    const after = await inHook(store, { port: 80 });
    expect(after).toEqual(before.filter((flag) => !flag.startsWith('config.changed')));
  });

  test('a change is seen again when the hook that saw it did not commit', async () => {
    const store = new MemoryStore();
    await inHook(store, { port: 80 });
    const failed = new MemoryStore({ flags: store.flags, data: store.data });
    await inHook(failed, { port: 81 });
    expect(await inHook(store, { port: 81 })).toContain('config.changed.port');
  });

  test('triggers see them change', async () => {
    const { flags } = await runHook([], {
      world: { config: { port: 80 } },
      managed: { defaults },
      triggers: [{ when: 'config.changed.port', setFlag: 'port.new' }],
    });
    expect(flags).toContain('port.new');
  });

  test('no value is kept', async () => {
    const store = new MemoryStore();
    await inHook(store, { motd: 'password' });
    expect(JSON.stringify([...store.flags, ...store.data])).not.toContain('password');
  });
});

test('a hook in which nothing changed asks Juju once', async () => {
  const store = new MemoryStore();
  const handlers = [handler('h', [when('endpoint.db.joined', 'config.changed', 'wsgi.ready')], () => {})];
  const hook = () => runHook(handlers, { store, world: { config: { port: 80 } }, managed: { defaults } });
  await hook();
  const { context } = await hook();
  expect(context.asked).toEqual(['config-get']);
});

describe('endpoint flags', () => {
  const event = (
    step: 'created' | 'joined' | 'changed' | 'departed' | 'broken',
    unit?: string,
    id = 'db:1',
  ): NonNullable<World['event']> => ({
    name: `db-relation-${step}`,
    relation: { endpoint: 'db', id, remoteApp: 'pg', remoteUnit: unit, departingUnit: undefined, step },
  });
  const watched = when('endpoint.db.joined');
  const relations = { 'db:1': { 'pg/0': { host: 'h', port: '1' } } };

  test('nothing is asked of endpoints that nobody looks at', async () => {
    const { flags, asked } = await seen(new MemoryStore(), { event: event('joined', 'pg/0'), relations });
    expect(flags).toEqual([]);
    expect(asked).toEqual([]);
  });

  test('a relation is followed from created to broken by its own events', async () => {
    const store = new MemoryStore();
    const step = async (world: World) => (await seen(store, world, watched)).flags;
    expect(await step({})).toEqual([]);
    expect(await step({ event: event('created'), relations: { 'db:1': {} } })).toEqual([]);
    expect(await step({ event: event('joined', 'pg/0'), relations })).toEqual([
      'endpoint.db.changed',
      'endpoint.db.changed.host',
      'endpoint.db.changed.port',
      'endpoint.db.joined',
    ]);
    for (const flag of [...store.flags.keys()]) if (flag.includes('changed')) store.flags.delete(flag);
    expect(await step({ event: event('changed', 'pg/0'), relations })).toEqual(['endpoint.db.joined']);
    const moved = { 'db:1': { 'pg/0': { host: 'elsewhere', port: '1' } } };
    expect(await step({ event: event('changed', 'pg/0'), relations: moved })).toEqual([
      'endpoint.db.changed',
      'endpoint.db.changed.host',
      'endpoint.db.joined',
    ]);
    for (const flag of [...store.flags.keys()]) if (flag.includes('changed')) store.flags.delete(flag);
    expect(await step({ event: event('joined', 'pg/1'), relations: { 'db:1': { 'pg/1': {} } } })).toEqual([
      'endpoint.db.joined',
    ]);
    expect(await step({ event: event('departed', 'pg/1') })).toEqual(['endpoint.db.departed', 'endpoint.db.joined']);
    expect(await step({})).toEqual(['endpoint.db.joined']);
    expect(await step({ event: event('departed', 'pg/0') })).toEqual(['endpoint.db.departed']);
    expect(await step({ event: event('broken') })).toEqual(['endpoint.db.departed']);
    expect(openState(store).data.keys('reactive.relation.')).toEqual([]);
  });

  test('relations that were there before anyone looked are found', async () => {
    const { flags, asked } = await seen(new MemoryStore(), { relations }, watched);
    expect(flags).toContain('endpoint.db.joined');
    expect(flags).toContain('endpoint.db.changed.host');
    expect(asked).toEqual(['relation-ids db', 'relation-list db:1', 'relation-get db:1 pg/0']);
  });

  test('at start and upgrade-charm all are asked again', async () => {
    const store = new MemoryStore();
    await seen(store, { relations }, watched);
    const { flags } = await seen(store, { event: { name: 'upgrade-charm' }, relations: {} }, watched);
    expect(flags).not.toContain('endpoint.db.joined');
  });

  test('a key of a databag with an unlucky name is one more key', async () => {
    const store = new MemoryStore();
    const bag = JSON.parse('{"__proto__": "x", "constructor": "y"}');
    const world = { event: event('joined', 'pg/0'), relations: { 'db:1': { 'pg/0': bag } } };
    expect((await seen(store, world, watched)).flags).toContain('endpoint.db.changed.__proto__');
    for (const flag of [...store.flags.keys()]) if (flag.includes('changed')) store.flags.delete(flag);
    expect((await seen(store, world, watched)).flags).toEqual(['endpoint.db.joined']);
  });
});

describe('leadership flags', () => {
  test('cost nothing where nobody looks at them', async () => {
    expect((await seen(new MemoryStore(), { leader: true })).asked).toEqual([]);
  });

  test('is_leader follows is-leader', async () => {
    const store = new MemoryStore();
    const watched = when('leadership.is_leader');
    expect((await seen(store, { leader: true }, watched)).flags).toEqual(['leadership.is_leader']);
    expect((await seen(store, { leader: false }, watched)).flags).toEqual([]);
  });

  test('settings are set while they are there, and changed for one hook', async () => {
    const store = new MemoryStore();
    const watched = when('leadership.set.token');
    expect((await seen(store, {}, watched, () => ({ token: 't' }))).flags).toEqual([
      'leadership.changed',
      'leadership.changed.token',
      'leadership.set.token',
    ]);
    expect((await seen(store, {}, watched, () => ({ token: 't' }))).flags).toEqual(['leadership.set.token']);
    expect((await seen(store, {}, watched, () => ({}))).flags).toEqual([
      'leadership.changed',
      'leadership.changed.token',
    ]);
  });

  test('a Juju without leader settings is said once', async () => {
    const store = new MemoryStore();
    const watched = when('leadership.set.token');
    const first = await seen(store, {}, watched, () => undefined);
    expect(first.logged).toHaveLength(1);
    expect((await seen(store, {}, watched, () => undefined)).logged).toEqual([]);
  });
});

test('upgrade.series.in-progress is set from pre- to post-series-upgrade', async () => {
  const store = new MemoryStore();
  const step = async (name: string) => (await seen(store, { event: { name } })).flags;
  expect(await step('pre-series-upgrade')).toEqual(['upgrade.series.in-progress']);
  expect(await step('update-status')).toEqual(['upgrade.series.in-progress']);
  expect(await step('post-series-upgrade')).toEqual([]);
});
