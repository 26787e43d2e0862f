/** A process of the charm's own beside the application: what its handlers are told, and when. */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Charm, loadCharm, type Outcome, run, state } from '../../packages/charm-testing/index.ts';
import { authorCharm } from '../../test/setup/author-charm.ts';

const HANDLERS = `
import { mkdirSync, writeFileSync } from 'node:fs';
import type { WsgiApi } from 'layer-wsgi';
import { handler, hook, when } from 'layer-wsgi/reactive';

const UNIT = '/etc/systemd/system/shop-worker.service';

export const handlers = [
  handler<WsgiApi>('bring the shop', [hook('*')], ({ machine, flags, juju, wsgi }) => {
    mkdirSync(machine.path('/srv/shop'), { recursive: true });
    writeFileSync(machine.path('/srv/shop/wsgi.py'), 'application = None');
    flags.set('wsgi.source.available');
    if (juju.config().mode === 'too early') juju.debug(wsgi.python);
  }),
  handler<WsgiApi>('run the worker', [when('wsgi.available', 'wsgi.process.changed')], async ({ machine, wsgi, flags }) => {
    writeFileSync(machine.path(UNIT), [
      'User=' + wsgi.user, 'Group=' + wsgi.group, 'WorkingDirectory=' + wsgi.workingDirectory,
      'EnvironmentFile=' + wsgi.environmentFile, 'ExecStart=' + wsgi.python + ' worker.py',
    ].join('\\n'));
    await machine.run('systemctl', ['restart', 'shop-worker.service']);
    flags.clear('wsgi.process.changed');
  }),
];
`;

let folder: string;
let charm: Charm;
let served: Outcome;
beforeAll(async () => {
  folder = await authorCharm(HANDLERS);
  charm = await loadCharm(folder);
  served = await run(charm, 'install', state({ config: { settle_time: 0 } }));
});
afterAll(() => rmSync(folder, { recursive: true }));

const UNIT = '/etc/systemd/system/shop-worker.service';
const restarts = ({ ran }: Outcome) => ran.filter(({ args }) => args.includes('shop-worker.service')).length;
const environmentFile = ({ files }: Outcome) => /EnvironmentFile=(.*)/.exec(String(files[UNIT]))?.[1];

test('it is started as the application is', () => {
  const line = (name: string) =>
    new RegExp(`^${name}=.*$`, 'm').exec(String(served.files['/etc/systemd/system/gunicorn3.service']))?.[0];
  expect(restarts(served)).toBe(1);
  for (const name of ['User', 'Group', 'WorkingDirectory', 'EnvironmentFile']) {
    expect(String(served.files[UNIT]).split('\n')).toContain(line(name));
  }
  expect(served.files[UNIT]).toMatch(/^ExecStart=.*\/venvs\/.*\/bin\/python worker\.py$/m);
});

test('it is told of a change of the environment, and of nothing else', async () => {
  const unchanged = await run(charm, 'update-status', served);
  expect(restarts(unchanged)).toBe(0);
  const changed = await run(charm, 'config-changed', {
    ...unchanged,
    config: { ...served.config, environment_variables: 'COLOUR=red' },
  });
  expect(restarts(changed)).toBe(1);
  expect(environmentFile(changed)).not.toBe(environmentFile(served));
});

test('a handler that asks before anything was served is told what it lacks', async () => {
  const early = run(charm, 'install', state({ config: { mode: 'too early' } }));
  await expect(early).rejects.toThrow(
    /^install failed: handler 'bring the shop' failed: .*add when\('wsgi\.available'\)/,
  );
});
