import { spawnSync } from 'node:child_process';
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
import { parseOptions } from '../config/options.ts';
import { NO_WSGI_FILE, wsgiFileConfig, wsgiFileDatabag } from './gunicorn-subordinate.ts';

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

  test('our own service goes on until the subordinate serves, and the application counts as served', () => {
    expect(handedOver.services['gunicorn3.service']).toMatchObject({ active: true, enabled: false });
    expect(handedOver.services['gunicorn3-8000.socket']).toMatchObject({ active: true, enabled: true });
    expect(handedOver.services['gunicorn3-lender.service']).toMatchObject({ active: true });
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

test('the port is lent at the socket that the subordinate’s gunicorn is told of, to the application’s group', () => {
  const { files } = handedOver;
  const socket = files['/etc/systemd/system/gunicorn3-lender.socket'];
  const [, address = ''] = /^ListenStream=(.*)$/m.exec(String(socket)) ?? [];
  expect(address).toMatch(/\/run\/gunicorn3-lender\.sock$/);
  expect(socket).toContain('SocketMode=0660\nSocketGroup=wsgi\n');
  expect(files['/etc/gunicorn3/wsgi-file.conf.py']).toContain(address);
  expect(files['/etc/systemd/system/gunicorn3-8000.socket']).toContain('Service=gunicorn3-lender.service');
});

/** As the lender leaves it once the subordinate serves. */
const taken = () => ({
  ...handedOver,
  services: { ...handedOver.services, 'gunicorn3.service': { active: false, enabled: false } },
});

describe.each([
  { when: 'the subordinate serves', world: taken },
  { when: 'the subordinate never came to serve', world: () => handedOver },
])('when the relation goes and $when', ({ world }) => {
  test('our own service comes back on the port that stays open, and lends it no more', async () => {
    const after = await run(charm, relationBroken('wsgi-file:1'), world());
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true, enabled: true });
    expect(after.services['gunicorn3-8000.socket']).toMatchObject({ active: true, enabled: true });
    expect(after.ran.filter(({ args }) => args.includes('stop') && args.includes('gunicorn3-8000.socket'))).toEqual([]);
    expect(after.status).toMatchObject({ status: 'active' });
    expect(after.files['/etc/systemd/system/gunicorn3-8000.socket']).toContain('Service=gunicorn3.service');
    expect(after.files).not.toHaveProperty(['/etc/gunicorn3/wsgi-file.conf.py']);
    expect(Object.keys(after.files).filter((path) => /lender|health/.test(path))).toEqual([]);
  });
});

test('one that does not start when it is to come back leaves no port open', async () => {
  const services = { ...taken().services, 'gunicorn3-trial.service': { active: false, enabled: false, http: 500 } };
  const after = await run(charm, relationBroken('wsgi-file:1'), { ...taken(), services });
  expect(after.status).toMatchObject({ status: 'blocked' });
  expect(after.services['gunicorn3-8000.socket']).toMatchObject({ active: false });
  expect(after.services['gunicorn3-lender.service']).toMatchObject({ active: false });
});

test('another port is lent in place of the one before', async () => {
  const config = { ...handedOver.config, port: 8001 };
  const after = await run(charm, 'config-changed', { ...taken(), config });
  expect(after.services['gunicorn3-8001.socket']).toMatchObject({ active: true, enabled: true });
  expect(after.files).not.toHaveProperty(['/etc/systemd/system/gunicorn3-8000.socket']);
  expect(after.files['/etc/systemd/system/gunicorn3-lender.service']).toContain('Sockets=gunicorn3-8001.socket ');
});

test('a port that cannot be had is left to the subordinate', async () => {
  const services = {
    ...taken().services,
    'gunicorn3-8000.socket': { active: false, enabled: true, startFails: 'taken' },
  };
  const after = await run(charm, 'config-changed', { ...taken(), services, interrupted: true });
  expect(after.status).toMatchObject({ status: 'active' });
  expect(after.services['gunicorn3-lender.service']?.active ?? false).toBe(false);
  expect(after.relations[0]?.localUnitData).toMatchObject({ port: '8000' });
});

test('the unit that is stopped lends nothing', async () => {
  const after = await run(charm, 'stop', handedOver);
  expect(after.services['gunicorn3-lender.service']).toMatchObject({ active: false });
  expect(after.services['gunicorn3-8000.socket']).toMatchObject({ active: false });
});

const { options } = parseOptions(
  { wsgi_module: 'shop.wsgi:app', workers: 3, port: 8000, environment_variables: 'TOKEN=hunter2' },
  { applicationRoot: '/srv' },
);
if (options === undefined) throw new Error('the options are right');

const databag = wsgiFileDatabag({
  project: 'shop',
  options,
  workingDirectory: '/srv/r1',
  pythonPath: ['/opt/venv/lib/python3.12/site-packages'],
  user: 'wsgi',
  group: 'web',
  config: '/etc/gunicorn3/wsgi-file.conf.py',
  logFile: '/var/log/wsgi.service.log',
  generation: 'abc',
});

test('the subordinate is told all that it needs, and no secret', () => {
  expect(databag).toEqual({
    project_name: 'shop',
    working_dir: '/srv/r1',
    python_path: '/srv/r1:/opt/venv/lib/python3.12/site-packages',
    wsgi_user: 'wsgi',
    wsgi_group: 'web',
    port: '8000',
    wsgi_access_logfile: '/dev/null',
    wsgi_wsgi_file: 'shop.wsgi:app',
    wsgi_extra: '--config=/etc/gunicorn3/wsgi-file.conf.py',
    env_extra: '',
    timestamp: 'abc',
  });
});

test('every key can be taken back', () => {
  expect(Object.keys(NO_WSGI_FILE)).toEqual(Object.keys(databag));
});

test('the configuration file gives gunicorn the settings and the environment', () => {
  const text = wsgiFileConfig(options, new Map([['TOKEN', 'it\'s "5" \\ é 🚀\n']]), {
    proxies: ['10.0.0.1', '10.0.0.2'],
  });
  const program = `import json\nscope = {}\nexec(compile(${JSON.stringify(text)}, 'x', 'exec'), scope)
print(json.dumps({key: scope[key] for key in ('raw_env', 'workers', 'forwarded_allow_ips', 'worker_class')}))`;
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], { input: program, encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual({
    raw_env: ['TOKEN=it\'s "5" \\ é 🚀\n'],
    workers: 3,
    forwarded_allow_ips: '10.0.0.1,10.0.0.2',
    worker_class: 'sync',
  });
});
