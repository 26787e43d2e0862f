/** The layer goes through `charm build` itself, and what comes out is deployed. */
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { pythonWithCharmsReactive } from '../reactive-parity/charms-reactive.ts';
import { CHECKOUT, type CharmBuild, charmBuild, whyNoCharmBuild } from '../setup/charm-tools.ts';
import { invoked } from '../setup/python-charm.ts';
import { answering, archiveOf, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/charm-build');
const ROOT = join(import.meta.dirname, '../..');

const AUTHORS_HOOKS = ['remove', 'secret-changed'];

const why = whyNoCharmBuild();

describe(`a charm by charm build, with the layers of $${CHECKOUT}`, () => {
  let sources: string;
  let built: CharmBuild;
  beforeEach(({ skip }) => {
    if (why !== undefined) skip(`charm build is not tried: ${why}`);
  });
  beforeAll(async () => {
    if (why !== undefined) return;
    sources = await sourcesOf();
    built = await charmBuild(sources, 'mysite');
    // Its wheels are made anew each time, from what the package index has.
  }, 900_000);

  test('is built without an error of charm build or charm proof', () => {
    expect(built.failed, built.output).toBe(false);
    expect(built.output).not.toMatch(/^\S+: E:/m);
  });

  test("has the layer's options and the author's, and none of builds", async () => {
    const options = await optionsOf(built.charm);
    const layer = await optionsOf(ROOT);
    const { builds } = Object(load(await readFile(join(ROOT, 'layer.yaml'), 'utf8')));
    const wanted = Object.keys(layer).filter((name) => !builds.options.includes(name));
    expect(Object.keys(options).sort()).toEqual([...wanted, 'motd'].sort());
    expect(options.wsgi_module).toEqual({ ...layer.wsgi_module, default: 'webapp.wsgi:application' });
    expect(options.port).toEqual(layer.port);
  });

  test("has layer:basic's hooks, for every endpoint too, and no source or example of the layer", async () => {
    const hooks = await readdir(join(built.charm, 'hooks'));
    expect(hooks).toEqual(
      expect.arrayContaining(['update-status', 'postgres-relation-changed', 'website-relation-joined']),
    );
    const layers = process.env[CHECKOUT] ?? '';
    const template = await readFile(join(layers, 'layers/basic/hooks/hook.template'), 'utf8');
    for (const name of ['install', ...AUTHORS_HOOKS]) {
      expect(await readFile(join(built.charm, 'hooks', name), 'utf8')).toBe(template);
    }
    for (const path of ['src', 'files', 'package.json', 'actions/set-current-symlink']) {
      await expect(stat(join(built.charm, path))).rejects.toThrow('ENOENT');
    }
  });

  test('serves the application of its resource, through a life in which nothing restarts without need', async () => {
    await using model = await newModel();
    const build = await archiveOf({ 'webapp/__init__.py': '', 'webapp/wsgi.py': answering("'one'") });
    await model.deploy(built.charm, {
      application: 'mysite',
      config: { port: '8080', ...QUICK },
      resources: { build },
    });
    expect(await statusOf(model, 'mysite/0')).toEqual({ current: 'active', message: 'WSGI service running' });
    expect(await page(model, '/', { unit: 'mysite/0' })).toBe('one');

    const pid = async () => (await model.unit('mysite/0').exec('systemctl show gunicorn3.service -p MainPID')).results;
    const before = await pid();
    for (let hook = 0; hook < 3; hook++) await model.advance('5m');
    expect(await pid()).toEqual(before);

    await model.config('mysite', { port: '8081', motd: 'hi' });
    expect(await page(model, '/', { unit: 'mysite/0', port: 8081 })).toBe('one');
    const two = await archiveOf({ 'webapp/__init__.py': '', 'webapp/wsgi.py': answering("'two'") });
    // In upgrade-charm layer:basic makes its environment anew, with root's rights, unless it finds that it has done so.
    await model.unit('mysite/0').exec('touch wheelhouse/.upgraded');
    await model.attachResource('mysite', 'build', two);
    expect(await page(model, '/', { unit: 'mysite/0', port: 8081 })).toBe('two');
    expect((await model.unit('mysite/0').run('restart')).status).toBe('completed');
    expect(await statusOf(model, 'mysite/0')).toEqual({ current: 'active', message: 'WSGI service running' });
    const since = model.log().length;
    await model.removeUnit('mysite/0');
    expect(model.units('mysite')).toEqual([]);
    const ran = model
      .log()
      .slice(since)
      .map(({ message }) => message);
    expect(ran).toContainEqual(expect.stringMatching(/ran "remove" hook/));
    expect(invoked(model, since).filter((name) => name === 'wsgi_converge')).toHaveLength(2);
  });

  test('is not built without the layer, which is named', async () => {
    const { failed, output } = await charmBuild(sources, 'mysite', false);
    expect(failed).toBe(true);
    expect(output).toMatch(/wsgi/);
  });
});

/** An author's charm, and what makes the environment of its Python inside of the sandbox. */
async function sourcesOf(): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-sources-')), 'mysite');
  await cp(FIXTURE, folder, { recursive: true, filter: (path) => !path.endsWith('charm-pre-install') });
  await cp(join(FIXTURE, '../python-charm/mysite.py'), join(folder, 'reactive/mysite.py'));
  // As docs/how-to/charm-in-python.md says: charm build makes none of these.
  for (const name of AUTHORS_HOOKS) {
    await mkdir(join(folder, 'hooks'), { recursive: true });
    await cp(join(process.env[CHECKOUT] ?? '', 'layers/basic/hooks/hook.template'), join(folder, 'hooks', name));
    await chmod(join(folder, 'hooks', name), 0o755);
  }
  const script = join(folder, 'exec.d/environment/charm-pre-install');
  const packages = dirname(dirname(await pythonWithCharmsReactive()));
  const text = await readFile(join(FIXTURE, 'charm-pre-install'), 'utf8');
  await mkdir(dirname(script), { recursive: true });
  await writeFile(script, text.replaceAll('PACKAGES', await packagesOf(packages)));
  await chmod(script, 0o755);
  return folder;
}

async function packagesOf(environment: string): Promise<string> {
  const [version = ''] = await readdir(join(environment, 'lib'));
  return join(environment, 'lib', version, 'site-packages');
}

async function optionsOf(charm: string): Promise<Record<string, Record<string, unknown>>> {
  return Object(load(await readFile(join(charm, 'config.yaml'), 'utf8'))).options;
}
