/** What the charm does on Juju 2.9, which has no secrets, and on Juju 3, which has settings of the leader as 2.9 does. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Charm, loadCharm, relationChanged, run, type State, state } from '../../packages/charm-testing/index.ts';
import { runHook } from '../main.ts';
import { handler, when } from '../reactive/index.ts';
import type { WsgiApi } from './api.ts';

let charm: Charm;
/** Deployed on Juju 2.9, and serving r1 on port 80. */
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const fresh = state({ unit: 'wsgi/0', leader: true, jujuVersion: '2.9.50', config: { settle_time: 0 } });
  served = await run(charm, 'install', fresh);
});

describe('a database on Juju 2.9', () => {
  const related = (remoteAppData: Record<string, string>) =>
    state({
      ...served,
      relations: [{ id: 'postgresql:2', remoteApp: 'pg', remoteUnits: { 'pg/0': {} }, remoteAppData }],
    });
  const changed = relationChanged('postgresql:2', 'pg/0');
  const plain = { endpoints: '10.0.0.5:5432', database: 'wsgi' };

  it('that keeps its credentials in a secret: the operator is told what to do, and the application serves on', async () => {
    const secret = { ...plain, 'secret-user': 'secret:cq8s2nfmp25c77ddl0fg' };
    const after = await run(charm, changed, related(secret));
    expect(after.status).toEqual({
      status: 'waiting',
      message:
        'postgresql: pg keeps the credentials in a Juju secret, which this Juju cannot read: ' +
        'remove the relation and relate again, or upgrade the controller to Juju 3',
    });
    expect(after.services['gunicorn3.service']).toEqual(served.services['gunicorn3.service']);
    expect(Object.keys(after.flags)).toContain('wsgi.available');
    expect(after.tools.filter((tool) => tool.startsWith('secret-'))).toEqual([]);

    const again = await run(charm, 'update-status', after);
    expect(again.status).toEqual(after.status);
    expect(again.services['gunicorn3.service']).toMatchObject({ active: true });
  });

  it('is not asked for secrets, and its plain fields are enough', async () => {
    const after = await run(charm, changed, related({ ...plain, username: 'u', password: 'p' }));
    expect(after.relations[0]?.localAppData).toEqual({ database: 'wsgi' });
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    const environment = Object.entries(after.files).find(([path]) => path.startsWith('/etc/gunicorn3/environment-'));
    expect(environment?.[1]).toContain('DATABASE_URL="postgresql://u:p@10.0.0.5:5432/wsgi"');
  });
});

describe("an author's handler on a setting of the leader", () => {
  const withHandler = (seen: string[]): Charm => {
    const note = handler<WsgiApi>('note', [when('leadership.set.token', 'leadership.changed.token')], () => {
      seen.push('token');
    });
    return { ...charm, hook: (io) => runHook(io, [note]) };
  };

  it('runs when the setting is new', async () => {
    const seen: string[] = [];
    const author = withHandler(seen);
    const after = await run(author, 'leader-settings-changed', state({ ...served, leaderSettings: { token: 't' } }));
    expect(seen).toEqual(['token']);
    await run(author, 'update-status', after);
    expect(seen).toEqual(['token']);
  });

  it('never runs on Juju 4, which has none, and the log says so once', async () => {
    const seen: string[] = [];
    const author = withHandler(seen);
    const first = await run(author, 'update-status', state({ ...served, jujuVersion: '4.0.14' }));
    const second = await run(author, 'update-status', first);
    const said = (log: State & { log: readonly unknown[] }) => JSON.stringify(log.log).includes('no leader settings');
    expect([said(first), said(second), seen]).toEqual([true, false, []]);
  });
});
