import { expect, expectTypeOf, test } from 'vitest';
import { runHook } from './hook-context.fixture.ts';
import { typed } from './typed.ts';
import type { HandlerApi } from './types.ts';

type Charm = {
  options: { port: number; motd?: string };
  endpoints: 'website' | 'db';
  storage: 'uploads';
  actions: 'migrate' | 'restart';
  actionParams: { migrate: { to: string; count?: number }; restart: object };
};
const { action, handler, hook, when, whenAny, whenConfigChanged, whenConfigSet, whenEndpointChanged, whenJoined } =
  typed<Charm>();

test('names that the charm has are the flags, hooks and actions of charms.reactive', () => {
  expect(when('config.changed.port', 'endpoint.db.joined', 'my.own.flag')).toEqual({
    kind: 'when',
    flags: ['config.changed.port', 'endpoint.db.joined', 'my.own.flag'],
  });
  expect(whenConfigChanged('port', 'motd')).toEqual({
    kind: 'whenAny',
    flags: ['config.changed.port', 'config.changed.motd'],
  });
  expect(whenConfigSet('motd')).toEqual({ kind: 'when', flags: ['config.set.motd'] });
  expect(whenJoined('db')).toEqual({ kind: 'whenAny', flags: ['endpoint.db.joined'] });
  expect(whenEndpointChanged('db', 'host')).toEqual({ kind: 'whenAny', flags: ['endpoint.db.changed.host'] });
  expect(hook('db-relation-joined', '*-relation-broken')).toEqual({
    kind: 'hook',
    patterns: ['db-relation-joined', '*-relation-broken'],
  });
  expect(hook('uploads-storage-attached', '*')).toEqual({
    kind: 'hook',
    patterns: ['uploads-storage-attached', '*'],
  });
  expect(action('migrate')).toEqual({ kind: 'action', patterns: ['migrate'] });
});

test('names that the charm does not have do not compile', () => {
  // @ts-expect-error the option is motd
  when('config.changed.mtod');
  // @ts-expect-error the second of them is wrong
  whenAny('my.own.flag', 'config.set.prot');
  // @ts-expect-error the endpoint is website
  when('endpoint.webste.joined');
  // @ts-expect-error endpoints are joined, changed and departed
  when('endpoint.website.available');
  // @ts-expect-error options change, are set, or have their default
  when('config.chnged.port');
  // @ts-expect-error the option is port
  whenConfigChanged('prot');
  // @ts-expect-error the endpoint is db
  whenJoined('dbb');
  // @ts-expect-error the hook is update-status
  hook('update-stats');
  // @ts-expect-error the endpoint is db
  hook('bd-relation-joined');
  // @ts-expect-error the storage is uploads
  hook('upload-storage-attached');
  // @ts-expect-error the action is migrate
  action('migrat');
});

test('where the flags of the charm are declared, others do not compile', () => {
  const strict = typed<Charm & { flags: 'app.ready' }>();
  strict.when('app.ready', 'config.changed');
  // @ts-expect-error the flag is app.ready
  strict.when('app.redy');
});

test('where the flags of layers are declared, others that begin as they do not compile', () => {
  const layered = typed<Charm & { layerFlags: 'wsgi.available' | 'wsgi.ready' }>();
  expect(layered.when('wsgi.available', 'my.own.flag')).toMatchObject({ flags: ['wsgi.available', 'my.own.flag'] });
  // @ts-expect-error the flag is wsgi.available
  layered.when('wsgi.avialable');
});

test('a typed handler reads options with the types of config.yaml', async () => {
  const seen: unknown[] = [];
  const greet = handler('greet', [whenConfigSet('port')], ({ juju }) => {
    expectTypeOf(juju.config().port).toEqualTypeOf<number>();
    expectTypeOf(juju.config().motd).toEqualTypeOf<string | undefined>();
    // @ts-expect-error there is no such option
    seen.push(juju.config().prot);
    seen.push(juju.config().port);
  });
  await runHook([greet], { world: { config: { port: 80 } }, managed: { defaults: { port: 80, motd: '' } } });
  expect(seen).toEqual([undefined, 80]);
});

test('a typed handler names only endpoints that the charm has', async () => {
  const seen: unknown[] = [];
  const look = handler('look', [hook('update-status')], ({ juju, event }) => {
    seen.push(juju.relationIds('website'));
    // @ts-expect-error the endpoint is website
    seen.push(juju.relationIds('webste'));
    // @ts-expect-error the endpoint is db
    if (event.relation?.endpoint === 'bd') juju.network('bd');
    // @ts-expect-error the storage is uploads
    else if (seen.length > 2) juju.storageIds('upload');
    // @ts-expect-error the endpoint is db
    else seen.push(() => juju.network('bd'));
  });
  await runHook([look], { world: { relations: { 'website:1': {} } } });
  expect(seen).toEqual([['website:1'], [], expect.any(Function)]);
});

test('a typed handler of an action reads parameters with the types of actions.yaml', () => {
  handler('migrate', [when('app.ready'), action('migrate')], ({ juju }) => {
    const params = juju.actionParams();
    expectTypeOf(params.to).toEqualTypeOf<string>();
    expectTypeOf(params.count).toEqualTypeOf<number | undefined>();
    // @ts-expect-error the parameter is to
    params.too;
  });
  handler('look', [when('app.ready')], ({ juju }) => {
    expectTypeOf(juju.actionParams()).toEqualTypeOf<Readonly<Record<string, unknown>>>();
  });
  expect(action('migrate', 'restart')).toEqual({ kind: 'action', patterns: ['migrate', 'restart'] });
});

test('the api of a typed handler is one that a function of the author takes', () => {
  const help = (api: HandlerApi) => api.juju.relationIds('website').length;
  handler('help', [when('app.ready')], (api) => void help(api));
  expect(help).toBeTypeOf('function');
});
