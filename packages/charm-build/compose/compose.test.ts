import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { load } from 'js-yaml';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CharmParts } from '../charm.ts';
import { PROJECT } from '../package.ts';
import { contentOf } from '../tree.ts';
import { compose } from './compose.ts';

let folder: string;
let charm: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compose-'));
  charm = join(folder, 'my-site');
  await write({
    'layer.yaml': `includes: ['layer:wsgi']`,
    'metadata.yaml': 'name: my-site\nsummary: A site.\ndescription: A site, served.',
  });
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>, base = charm): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(base, name)), { recursive: true });
    await writeFile(join(base, name), text);
  }
}

function composed(): Promise<CharmParts> {
  return compose(charm, { project: PROJECT, layers: [join(folder, 'layers')] });
}

async function read(parts: CharmParts, path: string): Promise<string> {
  const node = parts.files.get(path);
  if (node === undefined) throw new Error(`no ${path} in the charm`);
  return Buffer.from(await contentOf(node)).toString();
}

// The shape is whatever the test says it should be.
async function yaml(parts: CharmParts, path: string): Promise<unknown> {
  return load(await read(parts, path));
}

describe('a charm of the layer alone', () => {
  test('has the options and endpoints of the layer, and its own name', async () => {
    const parts = await composed();
    expect(parts.metadata).toMatchObject({
      name: 'my-site',
      summary: 'A site.',
      provides: { website: { interface: 'http' } },
      requires: { postgres: { interface: 'pgsql' }, mongo: { interface: 'mongodb' } },
    });
    expect(await yaml(parts, 'config.yaml')).toMatchObject({
      options: {
        port: { type: 'int', default: 80 },
        provision_command: { default: '' },
        pip_cache_dir: { default: '' },
        wsgi_module: { default: 'wsgi:application' },
        wsgi_logfile_path: { default: '/var/log/wsgi.service.log' },
        apt_dependencies: { default: '' },
        environment_variables: { default: '' },
      },
    });
  });

  test('has nothing of builds, of the example, or of the other charm that the layer is', async () => {
    const parts = await composed();
    expect(JSON.stringify(await yaml(parts, 'config.yaml'))).not.toContain('build_label');
    expect(parts.metadata).not.toHaveProperty('resources');
    expect(parts.metadata).not.toHaveProperty('display-name');
    expect(parts.actions).not.toHaveProperty('set-current-symlink');
    expect([...parts.files.keys()].filter((path) => /^(files|docs|src|hooks|README)/.test(path))).toEqual([]);
  });

  test('has builds when the option of the layer asks for them', async () => {
    await write({ 'layer.yaml': `includes: ['layer:wsgi']\noptions: {wsgi: {builds: true}}` });
    const parts = await composed();
    expect(await yaml(parts, 'config.yaml')).toHaveProperty('options.build_label');
    expect(parts.metadata).toHaveProperty('resources.build.filename');
    expect(parts.actions).toHaveProperty('set-current-symlink');
    expect(await yaml(parts, 'layer.yaml')).toMatchObject({ options: { wsgi: { builds: true } } });
  });
});

describe('an author', () => {
  test('overrides a default and keeps the type and the description', async () => {
    await write({
      'config.yaml': 'options: {wsgi_module: {default: "webapp.wsgi:application"}, motd: {type: string}}',
    });
    expect(await yaml(await composed(), 'config.yaml')).toMatchObject({
      options: {
        wsgi_module: {
          type: 'string',
          default: 'webapp.wsgi:application',
          description: expect.stringContaining('WSGI callable'),
        },
        motd: { type: 'string' },
      },
    });
  });

  test('deletes options and endpoints', async () => {
    await write({
      'layer.yaml': `includes: ['layer:wsgi']\nconfig: {deletes: [max_requests]}\nmetadata: {deletes: [requires.mongo]}`,
    });
    const parts = await composed();
    expect(await yaml(parts, 'config.yaml')).not.toHaveProperty('options.max_requests');
    expect(parts.metadata.requires).not.toHaveProperty('mongo');
  });

  test('puts files over those of the layer, and leaves out what is for development', async () => {
    await write({
      'templates/gunicorn3.service.hbs': 'mine',
      'wsgi.yaml': 'application_root: /srv/site',
      'README.md': 'mine',
      'test/site.test.ts': '',
      'reactive/site.ts': 'export const handlers = [];',
      'package.json': '{}',
      'node_modules/x/index.js': '',
      '.env': 'secret',
    });
    const parts = await composed();
    expect(await read(parts, 'templates/gunicorn3.service.hbs')).toBe('mine');
    expect(await read(parts, 'wsgi.yaml')).toBe('application_root: /srv/site');
    const paths = [...parts.files.keys()];
    expect(paths.filter((path) => /^(test|reactive|package|node_modules|\.env)/.test(path))).toEqual([]);
    expect(paths).toContain('README.md');
  });

  test.each([
    [
      '[Service]\nUser={{usr}}\n',
      /^templates\/gunicorn3\.service\.hbs:2: \{\{usr\}\} is not given to this template; it has .*\buser\b/,
    ],
    ['{{#if trial}}\n[Service]\n', /^templates\/gunicorn3\.service\.hbs:\d: Expecting /],
    ['[Service]\n\n{{#each user}}\n{{/if}}\n', /^templates\/gunicorn3\.service\.hbs:3: each doesn't match if/],
    ['{{> common}}', /^templates\/gunicorn3\.service\.hbs:1: has a partial/],
  ])('refuses a template with a mistake: %j', async (text, mistake) => {
    await write({ 'templates/gunicorn3.service.hbs': text });
    await expect(composed()).rejects.toThrow(mistake);
  });

  test("takes a template with the names that the layer's has", async () => {
    await write({ 'templates/gunicorn3.service.hbs': '{{#unless trial}}User={{user}}{{/unless}}' });
    expect(await read(await composed(), 'templates/gunicorn3.service.hbs')).toContain('User={{user}}');
  });

  test('refuses a template that replaces none of the layer', async () => {
    await write({ 'templates/gunicorn.service.hbs': '' });
    await expect(composed()).rejects.toThrow(
      /^templates\/gunicorn\.service\.hbs: replaces no template of the layer, which has .*gunicorn3\.service\.hbs/,
    );
  });

  test.each(['export const handler = [];', 'const handlers = [];', 'export type handlers = never;'])(
    'refuses a module in reactive/ without handlers: %s',
    async (text) => {
      await write({ 'reactive/site.ts': text });
      await expect(composed()).rejects.toThrow(/^reactive\/site\.ts: exports no handlers: write export const handlers/);
    },
  );

  test.each(['const handlers = []; export { handlers };', "export * from '../lib/handlers.ts';"])(
    'takes a module that exports handlers in another way: %s',
    async (text) => {
      await write({ 'reactive/site.ts': text });
      expect((await composed()).handlers).toHaveLength(1);
    },
  );

  test("has the handlers of reactive/ run after the layer's own, and external handlers left to the engine", async () => {
    await write({
      'reactive/site.ts': 'export const handlers = [];',
      'reactive/site.test.ts': '',
      'reactive/extern': '#!/bin/sh\n',
    });
    await chmod(join(charm, 'reactive/extern'), 0o755);
    const parts = await composed();
    expect(parts.handlers).toEqual([join(charm, 'reactive/site.ts')]);
    expect(parts.files.get('reactive/extern')).toMatchObject({ executable: true });
  });

  test('excludes files of the charm and ignores files of layers', async () => {
    await write({
      'layer.yaml': `includes: ['layer:wsgi']\nexclude: ['*.psd', notes]\nignore: {wsgi: [wheels/pip-*.whl]}`,
      'logo.psd': '',
      'notes/idea.txt': '',
      'files/site.cfg': '',
    });
    const paths = [...(await composed()).files.keys()];
    expect(paths.filter((path) => /psd|notes|pip-/.test(path))).toEqual([]);
    expect(paths).toContain('files/site.cfg');
  });
});

describe('local layers', () => {
  const layer = (name: string, files: Readonly<Record<string, string>>) => write(files, join(folder, 'layers', name));

  test('are put between, in the order of their includes, each once', async () => {
    await layer('a', {
      'config.yaml': 'options: {x: {default: a}, who: {type: string, default: a}}',
      'a.txt': '',
      'layer.yaml': 'includes: [layer:c]',
    });
    await layer('b', { 'config.yaml': 'options: {x: {default: b}}', 'b.txt': '', 'layer.yaml': 'includes: [layer:c]' });
    await layer('c', { 'config.yaml': 'options: {x: {type: string, default: c}}', 'a.txt': 'from c' });
    await write({ 'layer.yaml': 'includes: [layer:wsgi, layer:a, layer:b]' });
    const parts = await composed();
    expect(await yaml(parts, 'config.yaml')).toMatchObject({
      options: { x: { type: 'string', default: 'b' }, who: { default: 'a' } },
    });
    expect(await read(parts, 'a.txt')).toBe('');
    expect(await yaml(parts, 'layer.yaml')).toEqual({
      includes: ['layer:wsgi', 'layer:c', 'layer:a', 'layer:b'],
      options: { wsgi: { builds: false } },
    });
  });

  test('define options, whose values are checked and have defaults', async () => {
    await layer('cron', {
      'layer.yaml': 'defines: {hour: {type: integer, maximum: 23, default: 4}, user: {type: string}}',
    });
    await write({ 'layer.yaml': 'includes: [layer:wsgi, layer:cron]\noptions: {cron: {user: me}}' });
    expect(await yaml(await composed(), 'layer.yaml')).toMatchObject({ options: { cron: { hour: 4, user: 'me' } } });
    await write({ 'layer.yaml': 'includes: [layer:wsgi, layer:cron]\noptions: {cron: {hour: 24}}' });
    await expect(composed()).rejects.toThrow('options of layer:cron.hour: must be <= 23');
  });
});

describe('a mistake is a sentence that names the file', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'no name',
      { 'metadata.yaml': 'summary: s\ndescription: d' },
      /metadata\.yaml: name: is missing: .* such as my-site/,
    ],
    [
      'a name that Juju refuses',
      { 'metadata.yaml': 'name: My_Site\nsummary: s\ndescription: d' },
      /a charm name is lower-case/,
    ],
    ['broken YAML', { 'config.yaml': 'options: {' }, /config\.yaml is not YAML/],
    [
      'an option that is none of the layer, perhaps misspelt',
      { 'config.yaml': 'options: {wsgi_modul: {default: "app:app"}}' },
      /config\.yaml: wsgi_modul: type: is missing: the layers have no option of this name; a new one needs a type/,
    ],
    [
      'a secret that is none as a default',
      { 'config.yaml': 'options: {key: {type: secret, default: hush}}' },
      /key\.default: is "hush", .* secret$/,
    ],
    [
      'a name that is too long',
      { 'metadata.yaml': `name: ${'x'.repeat(41)}\nsummary: s\ndescription: d` },
      /metadata\.yaml: name: is longer than the 40 characters/,
    ],
    ['an action that is not described', { 'actions.yaml': 'greet: {}' }, /actions\.yaml: greet: has no description/],
    [
      'an action with a name that charmcraft refuses',
      { 'actions.yaml': 'import: {description: Reads.}' },
      /actions\.yaml: import: is a word of Python/,
    ],
    ['an unknown option type', { 'config.yaml': 'options: {x: {type: integer}}' }, /config\.yaml: x: type: /],
    [
      'a default of another type',
      { 'config.yaml': 'options: {port: {default: "http"}}' },
      /port\.default: is "http", .* int$/,
    ],
    [
      'a reserved endpoint',
      { 'metadata.yaml': 'name: x\nsummary: s\ndescription: d\nprovides: {juju-x: http}' },
      /provides\.juju-x: .*Juju's own/,
    ],
    [
      'an endpoint twice',
      { 'metadata.yaml': 'name: x\nsummary: s\ndescription: d\nrequires: {website: http}' },
      /requires\.website: .*provides too/,
    ],
    [
      'an object parameter without properties',
      { 'actions.yaml': 'x: {params: {o: {type: object}}}' },
      /x\.params\.o: an object parameter needs properties/,
    ],
    [
      'a resource in a folder',
      { 'metadata.yaml': 'name: x\nsummary: s\ndescription: d\nresources: {data: {filename: a/b}}' },
      /resources\.data\.filename: a\/b has a folder in it/,
    ],
    ['a reserved action', { 'actions.yaml': 'juju-run: {}' }, /actions\.yaml: juju-run: .*Juju's own/],
    ['a bad action name', { 'actions.yaml': 'Do_it: {}' }, /actions\.yaml: Do_it: an action name is/],
    [
      'a layer that is nowhere',
      { 'layer.yaml': 'includes: [layer:wsgi, layer:nope]' },
      /layer\.yaml: includes: layer:nope is in none of .*--layers/,
    ],
    [
      'an interface layer',
      { 'layer.yaml': 'includes: [layer:wsgi, interface:http]' },
      /interface:http is a Python library; .*layer-wsgi\/relations/,
    ],
    ['no layer:wsgi', { 'layer.yaml': 'includes: []' }, /has to name layer:wsgi/],
    [
      'a typo in layer.yaml',
      { 'layer.yaml': 'include: [layer:wsgi]' },
      /layer\.yaml: the file: Unrecognized key: "include"/,
    ],
    [
      'an unknown layer option',
      { 'layer.yaml': 'includes: [layer:wsgi]\noptions: {wsgi: {build: true}}' },
      /options of layer:wsgi: .*\(build\); they are: builds/,
    ],
    [
      'options of a layer that is not included',
      { 'layer.yaml': 'includes: [layer:wsgi]\noptions: {basic: {}}' },
      /layer:basic is not among the layers/,
    ],
    [
      'a delete of nothing',
      { 'layer.yaml': 'includes: [layer:wsgi]\nconfig: {deletes: [prot]}' },
      /config\.deletes: there is no prot/,
    ],
    ['a relative application_root', { 'wsgi.yaml': 'application_root: srv' }, /wsgi\.yaml: application_root: "srv"/],
    ['the application as root', { 'wsgi.yaml': 'username: root' }, /wsgi\.yaml: username: "root" /],
    ['a typo in wsgi.yaml', { 'wsgi.yaml': 'user: x' }, /wsgi\.yaml: "user" means nothing here/],
    ['a Python handler', { 'reactive/site.py': '' }, /site\.py: Python handlers need charms\.reactive: .*charm build/],
    ['a hook of its own', { 'hooks/install': '' }, /hooks\/install: hooks are made from metadata\.yaml/],
  ])('%s', async (_, files, sentence) => {
    await write(files);
    await expect(composed()).rejects.toThrow(sentence);
  });

  test('a layer that includes itself by way of another', async () => {
    await write({ 'layer.yaml': 'includes: [layer:b]' }, join(folder, 'layers/a'));
    await write({ 'layer.yaml': 'includes: [layer:a]' }, join(folder, 'layers/b'));
    await write({ 'layer.yaml': 'includes: [layer:wsgi, layer:a]' });
    await expect(composed()).rejects.toThrow('layer:a includes itself: a > b > a');
  });
});
