/** A small charm with a bit of everything, for the tests of the testing API. */
import { join } from 'node:path';
import type { HookContext } from '../../src/juju/index.ts';
import { createHookContext, hookEnvironment } from '../../src/juju/index.ts';
import { FileStore } from '../../src/reactive/index.ts';
import { daemonReload, ensurePackages, ensureUser, isActive, start, writeFile } from '../../src/system/index.ts';
import type { Charm, HookIo } from './charm.ts';

export type SmallHook = (juju: HookContext, io: HookIo, store: FileStore) => Promise<void> | void;

/** A charm whose hooks all do the same. */
export function smallCharm(hook: SmallHook): Charm {
  return {
    dir: '/nonexistent',
    store: '.reactive.json',
    meta: {
      metadata: {
        name: 'small',
        provides: { website: { interface: 'http' } },
        requires: { db: { interface: 'pgsql' } },
        peers: { ring: { interface: 'ring' } },
        storage: { uploads: { type: 'filesystem' } },
        resources: { build: { type: 'file', filename: 'build.tar.gz' } },
      },
      config: {
        options: {
          port: { type: 'int', default: 80 },
          motd: { type: 'string' },
          debug: { type: 'boolean', default: false },
          credentials: { type: 'secret' },
        },
      },
      actions: { backup: { params: { to: { type: 'string', default: '/backup' } } } },
    },
    hook: async (io) => {
      const environment = hookEnvironment(io.env, io.script);
      const store = new FileStore(join(io.charmDir, '.reactive.json'));
      const remembered = store.interrupted ? undefined : store.data.get('juju');
      const juju = createHookContext(io.run, environment, remembered, { print: io.print });
      await hook(juju, io, store);
      juju.commit();
      store.data.set('juju', juju.remember());
      store.commit();
      return 0;
    },
  };
}

/** Serves a page: a package, a user, a file, a unit, a port, a databag, a status. */
export const serving = smallCharm(async (juju, { machine }, store) => {
  const port = juju.config().port ?? 80;
  await ensurePackages(machine, ['nginx']);
  await ensureUser(machine, 'web', { home: '/srv/web' });
  await writeFile(machine, '/srv/web/index.html', `${juju.config().motd ?? 'Hello'}\n`, { mode: 0o644 });
  const unit = `[Service]\nUser=web\nEnvironment="PORT=${port}"\nExecStart=/bin/sleep 600\n`;
  if (await writeFile(machine, '/etc/systemd/system/web.service', unit, { mode: 0o644 })) await daemonReload(machine);
  if (!(await isActive(machine, 'web'))) await start(machine, 'web');
  for (const open of juju.openedPorts()) if (open !== `${port}/tcp`) juju.closePort(open);
  juju.openPort(`${port}/tcp`);
  for (const id of juju.relationIds('website')) juju.relationSet(id, { port: String(port) });
  store.flags.set('web.available', null);
  juju.setStatus('active', 'Ready');
});
