/** Order and cost of hooks with handlers in Python beside the layer's, against charms.reactive by itself. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { reactiveModule } from '../../packages/charm-build/layer/reactive-module.ts';
import { layerHandlers } from '../../src/wsgi/layer.ts';
import { deployMysite, FIXTURES, flagsOf, invoked, pythonCharm } from '../setup/python-charm.ts';
import { newModel } from '../setup/wsgi-model.ts';

const AUTHOR = `
from charms.reactive import (
    clear_flag, hook, is_flag_set, register_trigger, set_flag, toggle_flag, when, when_any, when_not, when_not_all)

register_trigger(when='wsgi.converge', set_flag='a.triggered')
register_trigger(when_not='wsgi.converge', clear_flag='a.waiting')


@hook('install', 'update-status')
def before_all():
    set_flag('a.waiting')


@when('wsgi.look')
def looks():
    set_flag('a.looked')


@when('a.waiting', 'wsgi.converge')
def waits():
    clear_flag('a.looked')


@when_not('wsgi.look', 'wsgi.converge')
def rests():
    toggle_flag('a.odd', not is_flag_set('a.odd'))


@when_any('a.odd', 'a.triggered')
def follows():
    clear_flag('a.triggered')


@when_not_all('a.looked', 'wsgi.system.ready')
@when('a.odd')
def last():
    set_flag('a.last')


@when('a.last', 'wsgi.system.ready')
def ends():
    clear_flag('a.last')
`;

test('handlers run in the order of charms.reactive, as if all of them were in Python', async () => {
  const inPython = {
    'reactive/wsgi.py': reactiveModule(layerHandlers),
    'lib/charms/layer/wsgi/__init__.py': '',
    'lib/charms/layer/wsgi/bridge.py': await readFile(join(FIXTURES, 'bodies.py'), 'utf8'),
  };
  const [bridged, plain] = [await run({ resource: false }), await run({ bare: true, files: inPython })];
  expect(bridged.order).toContain('wsgi_converge');
  expect(bridged).toEqual(plain);
});

async function run(kind: Parameters<typeof pythonCharm>[0]): Promise<{ order: string[]; flags: string[] }> {
  await using model = await newModel();
  await model.deploy(await pythonCharm({ handlers: AUTHOR, ...kind }), { application: 'mysite' });
  for (let hook = 0; hook < 2; hook++) await model.advance('5m');
  return { order: invoked(model), flags: (await flagsOf(model)).filter((flag) => !flag.startsWith('config.')) };
}

test('a hook costs at most two and a half times what it costs without the layer', async () => {
  const [bare, layered] = [await seconds(true), await seconds(false)];
  console.log(`seconds of processor time a hook: ${bare} without the layer, ${layered} with it`);
  expect(layered / bare).toBeLessThanOrEqual(2.5);
});

/** The least of several hooks in which nothing changes: seconds that all their processes took of the processor. */
async function seconds(bare: boolean): Promise<number> {
  const charm = await pythonCharm({ bare });
  await using model = await newModel();
  if (bare) await model.deploy(charm, { application: 'mysite' });
  else await deployMysite(model, charm);
  await model.advance('5m');
  const hook = 'env -u JUJU_ACTION_NAME -u JUJU_ACTION_TAG JUJU_HOOK_NAME=update-status hooks/update-status >/dev/null';
  const loop = `for n in 1 2 3 4 5; do time ${hook}; done`;
  const { results } = await model.unit('mysite/0').exec(`bash -c 'TIMEFORMAT="took %U %S"; ${loop}'`);
  const times = String(results.stderr).matchAll(/took (\S+) (\S+)/g);
  return Math.min(...[...times].map(([, user, system]) => Number(user) + Number(system)));
}
