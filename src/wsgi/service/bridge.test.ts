/** In which order the bridge, the service and the trial come and go. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Charm, loadCharm, type Outcome, run, type State, state } from '../../../packages/charm-testing/index.ts';

let charm: Charm;
let served: State;
beforeAll(async () => {
  charm = await loadCharm('.');
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
});

/** What systemctl was told to start, restart and stop, in order. */
function told(world: Outcome): string[] {
  return world.ran.flatMap(({ program, args }) => {
    const [verb = '', ...units] = args.filter((arg) => !arg.startsWith('-'));
    if (program !== 'systemctl' || !/^(?:start|restart|stop)$/.test(verb)) return [];
    const unit = units.find((name) => /^gunicorn3(?:-trial|-bridge)?\.service$/.test(name));
    return unit === undefined ? [] : [`${verb} ${unit}`];
  });
}

const changed = { settle_time: 0, environment_variables: 'GREETING=hello' };

test('what serves is started once more while the trial settles, and stopped when the new one answers', async () => {
  const after = await run(charm, 'config-changed', { ...served, config: changed });
  expect(after.status).toMatchObject({ status: 'active' });
  expect(told(after)).toEqual([
    'start gunicorn3-trial.service',
    'start gunicorn3-bridge.service',
    'stop gunicorn3-trial.service',
    'restart gunicorn3.service',
    'stop gunicorn3-bridge.service',
  ]);
});

test('a trial that fails leaves no bridge', async () => {
  const services = { ...served.services, 'gunicorn3-trial.service': { active: false, enabled: false, http: 500 } };
  const after = await run(charm, 'config-changed', { ...served, services, config: changed });
  expect(after.status).toMatchObject({ status: 'blocked' });
  expect(told(after)).not.toContain('restart gunicorn3.service');
  expect(after.services['gunicorn3-bridge.service']?.active ?? false).toBe(false);
});

test('a bridge that does not start holds nothing up, and the log says so', async () => {
  const fails = { active: false, enabled: false, startFails: 'MemoryError' };
  const services = { ...served.services, 'gunicorn3-bridge.service': fails };
  const after = await run(charm, 'config-changed', { ...served, services, config: changed });
  expect(after.status).toMatchObject({ status: 'active' });
  expect(told(after)).toContain('restart gunicorn3.service');
  expect(after.log.map(({ message }) => message).join('\n')).toContain(
    'a second copy of the application does not start',
  );
});

test('one that a killed hook left is stopped by the next hook that finds the service well', async () => {
  const left = '/run/systemd/system/gunicorn3-bridge.service';
  const files = { ...served.files, [left]: '[Service]\nExecStart=/bin/sleep 1000\n' };
  const services = { ...served.services, 'gunicorn3-bridge.service': { active: true, enabled: false } };
  const after = await run(charm, 'update-status', { ...served, files, services, interrupted: true });
  expect(told(after)).toEqual(['stop gunicorn3-bridge.service']);
  expect(after.files).not.toHaveProperty([left]);
});

describe('without a service that runs', () => {
  test('there is none', async () => {
    const first = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 } }));
    expect(told(first)).not.toContain('start gunicorn3-bridge.service');
  });
});
