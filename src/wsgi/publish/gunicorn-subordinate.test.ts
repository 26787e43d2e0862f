import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  relationBroken,
  relationCreated,
  run,
  type State,
  state,
} from '../../../packages/charm-testing/index.ts';

let charm: Charm;
/** Handed over to a subordinate, with a secret in the environment. */
let handedOver: State;

const relation = { id: 'wsgi-file:1', remoteApp: 'gunicorn' };

beforeAll(async () => {
  charm = await loadCharm('.');
  const config = { settle_time: 0, port: 8000, environment_variables: 'TOKEN=hunter2' };
  const served = await run(charm, 'install', state({ unit: 'wsgi/0', config }));
  handedOver = await run(charm, relationCreated('wsgi-file:1'), state({ ...served, relations: [relation] }));
});

describe('while a gunicorn subordinate is related', () => {
  test('it is told all keys of the interface', () => {
    expect(handedOver.relations[0]?.localUnitData).toEqual({
      project_name: 'wsgi',
      working_dir: expect.stringMatching(/\/srv\/r1$/),
      python_path: expect.stringMatching(/\/srv\/r1:.*\/opt\/gunicorn3\/venvs\/.*\/site-packages$/),
      wsgi_user: 'wsgi',
      wsgi_group: 'wsgi',
      port: '8000',
      wsgi_access_logfile: '/dev/null',
      wsgi_wsgi_file: 'wsgi:application',
      wsgi_extra: expect.stringMatching(/^--config=.*\/etc\/gunicorn3\/wsgi-file.conf.py$/),
      timestamp: expect.any(String),
    });
  });

  test('our own service stands aside, and the application counts as served', () => {
    expect(handedOver.services['gunicorn3.service']).toMatchObject({ active: false, enabled: false });
    expect(handedOver.services['gunicorn3-8000.socket']).toMatchObject({ active: false, enabled: false });
    expect(handedOver.status).toMatchObject({ status: 'active' });
    expect(Object.keys(handedOver.flags)).toEqual(expect.arrayContaining(['wsgi.active', 'wsgi.available']));
  });

  test('secrets are in a file that the application’s group alone reads', () => {
    expect(handedOver.files['/etc/gunicorn3/wsgi-file.conf.py']).toContain("'TOKEN=hunter2'");
    expect(handedOver.modes['/etc/gunicorn3/wsgi-file.conf.py']).toBe(0o640);
    expect(JSON.stringify(handedOver.relations)).not.toContain('hunter2');
  });

  test('a change is told by another timestamp, and nothing else is', async () => {
    const timestamp = (world: State) => world.relations[0]?.localUnitData.timestamp;
    expect(timestamp(await run(charm, 'config-changed', handedOver))).toBe(timestamp(handedOver));
    const changed = state({ ...handedOver, config: { ...handedOver.config, environment_variables: 'TOKEN=other' } });
    expect(timestamp(await run(charm, 'config-changed', changed))).not.toBe(timestamp(handedOver));
  });

  test('its line is known for the layer’s own where what was kept with the flags is lost', async () => {
    const config = { ...handedOver.config, port: 8001 };
    const lost = state({ ...handedOver, config, data: {}, flags: {}, interrupted: true });
    expect((await run(charm, 'config-changed', lost)).status).toEqual({
      status: 'active',
      message: 'handed over to the gunicorn subordinate: r1 on port 8001',
    });
  });
});

test('our own service comes back when the relation goes', async () => {
  const after = await run(charm, relationBroken('wsgi-file:1'), handedOver);
  expect(after.services['gunicorn3.service']).toMatchObject({ active: true, enabled: true });
  expect(after.status).toMatchObject({ status: 'active' });
  expect(after.files).not.toHaveProperty(['/etc/gunicorn3/wsgi-file.conf.py']);
});
