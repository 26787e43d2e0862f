/** What charms.reactive promises to handlers in Python holds for the layer's handlers beside them. */
import { expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { deployMysite, flagsOf, invoked, MYSITE, pythonCharm, served, storeOf } from '../setup/python-charm.ts';
import { newModel, statusOf } from '../setup/wsgi-model.ts';

const FAILS = `
from charmhelpers.core.hookenv import config


@when('wsgi.available')
def fails():
    if config('verify_content') == 'fail':
        raise RuntimeError('not today')
`;

test('a hook that fails in a handler of the author keeps nothing of the layer, and is made up for when it runs again', async () => {
  const charm = await pythonCharm({ handlers: MYSITE + FAILS });
  await using model = await newModel();
  await deployMysite(model, charm, 'one', { verify_content: 'fail' });
  expect((await statusOf(model, 'mysite/0')).message).toBe('hook failed: "install"');
  expect(invoked(model)).toContain('wsgi_converge');
  expect(await storeOf(model)).toEqual({});

  await model.config('mysite', { verify_content: '' });
  await model.resolved('mysite/0');
  const before = await served(model);
  expect(before).toMatchObject({ page: 'one', status: 'active: WSGI service running' });
  const store = await storeOf(model);

  await model.config('mysite', { verify_content: 'fail', threads: '3' });
  expect((await statusOf(model, 'mysite/0')).message).toBe('hook failed: "config-changed"');
  expect(await storeOf(model)).toEqual(store);
  await model.config('mysite', { verify_content: '' });
  await model.resolved('mysite/0');
  expect(await served(model)).toMatchObject({ page: 'one', status: 'active: WSGI service running' });
});

const ODD = `${Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('')}é\n\t€𝄞`;

const ASKS = `
from charmhelpers.core.hookenv import config
from charms.layer import wsgi
from charms.reactive import hook


@hook('install')
def tells():
    wsgi.set_environment('ODD', ${JSON.stringify(ODD)})
    wsgi.set_check('queue', 'age of the queue', ['check_file_age', '-f', '/srv/queue'])
    wsgi.set_process('worker', 'exec sleep 1001', count=2)
    wsgi.set_process('mailer', 'exec sleep 1002')


@when('config.changed.verify_path')
def restarts():
    wsgi.restart()
    if config('verify_path') == '/other':
        wsgi.remove_process('mailer')
`;

async function processes(model: LocalModel): Promise<string[]> {
  const { results } = await model.unit('mysite/0').run('list-processes');
  const lines = String(results.processes).trim().split('\n');
  expect(lines.every((line) => line.includes('running since'))).toBe(true);
  return lines.map((line) => line.split('\t')[0] ?? '');
}

test('an author asks for variables, checks, processes and restarts, and operators run the actions of the layer', async () => {
  const charm = await pythonCharm({ handlers: MYSITE + ASKS });
  await using model = await newModel();
  await deployMysite(model, charm, { expression: "os.environ.get('ODD', '').encode()" });
  const first = await served(model);
  expect(first.page).toBe(ODD.trim());
  expect(await processes(model)).toEqual(['mailer@1', 'worker@1', 'worker@2']);

  await model.config('mysite', { verify_path: '/other' });
  const second = await served(model);
  expect(second.process).not.toBe(first.process);
  expect(await processes(model)).toEqual(['worker@1', 'worker@2']);
  await model.advance('5m');
  expect((await served(model)).process).toBe(second.process);

  const { status, results } = await model.unit('mysite/0').run('restart');
  expect({ status, result: results.result }).toEqual({ status: 'completed', result: 'serving on port 8080' });
  expect((await served(model)).process).not.toBe(second.process);
});

test('a machine without a runtime says what it lacks, and the handlers of the author go on', async () => {
  const nothing = { 'lib/launch.sh': 'status-set blocked "no Node 18 or newer"\nexit 0\n' };
  const charm = await pythonCharm({
    handlers: `from charms.reactive import hook, set_flag\n\n@hook('install')\ndef install():\n    set_flag('mysite.installed')\n`,
    files: nothing,
  });
  await using model = await newModel();
  await deployMysite(model, charm);
  expect(await statusOf(model, 'mysite/0')).toEqual({ current: 'blocked', message: 'no Node 18 or newer' });
  expect(await flagsOf(model)).toContain('mysite.installed');
});

test('a layer that breaks fails the hook, and the log says why', async () => {
  const charm = await pythonCharm({ files: { 'lib/reconcile.cjs': 'throw new Error("broken");\n' } });
  await using model = await newModel();
  await deployMysite(model, charm);
  expect((await statusOf(model, 'mysite/0')).message).toBe('hook failed: "install"');
  expect(model.log().some(({ message }) => /LayerError: Error: broken/.test(message))).toBe(true);
});
