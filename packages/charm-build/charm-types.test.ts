import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { charmTypes, TYPES_FILE, writeCharmTypes } from './charm-types.ts';
import { compose } from './compose/compose.ts';
import { PROJECT } from './package.ts';

let charm: string;
beforeEach(async () => {
  charm = await mkdtemp(join(tmpdir(), 'types-'));
  await write('layer.yaml', 'includes: [layer:wsgi]');
  await write(
    'metadata.yaml',
    'name: site\nsummary: A site.\ndescription: A site.\nstorage: {uploads: {type: filesystem}}',
  );
});
afterEach(() => rm(charm, { recursive: true }));

function write(name: string, text: string): Promise<void> {
  return writeFile(join(charm, name), text);
}

function composed(folder = charm) {
  return compose(folder, { project: PROJECT, layers: [] });
}

test('options have the types of their values, and may be absent where they have no default', async () => {
  await write(
    'config.yaml',
    `options:
  motd: {type: string, default: hi, description: 'What is said. At great length: */ too.'}
  token: {type: secret}
  ratio: {type: float, default: 0.5}
  site-open: {type: boolean, default: true}
  port: {default: 8000}`,
  );
  const types = await charmTypes(await composed());
  expect(types).toContain('  /** What is said. */\n  motd: string;\n  token?: string;\n  ratio: number;\n');
  expect(types).toContain('\n  "site-open": boolean;\n');
  expect(types).toContain('\n  port: number;\n');
});

test('names are those of the layer and of the charm', async () => {
  await write('actions.yaml', 'greet: {description: Greets.}');
  const types = await charmTypes(await composed());
  for (const name of ['website', 'postgres', 'uploads', 'greet', 'restart', 'wsgi.available']) {
    expect(types).toContain(`\n    | '${name}'`);
  }
  expect(types).not.toContain('build_label');
});

test('parameters of actions have the types of their values, and may be absent where they have no default', async () => {
  await write(
    'actions.yaml',
    `greet:
  description: Greets.
  params: {to: {type: string}, times: {type: integer, default: 1}, loud: {type: boolean}, a-b: {}}
  required: [to]`,
  );
  const types = await charmTypes(await composed());
  expect(types).toContain('\n    greet: { to: string; times: number; loud?: boolean; "a-b"?: unknown };\n');
  expect(types).toContain('\n    restart: object;\n');
});

test('the file is made where it is asked for, kept up to date where it is, and else left out', async () => {
  const parts = await composed();
  await writeCharmTypes(charm, parts, 'there');
  await expect(readFile(join(charm, TYPES_FILE))).rejects.toThrow('ENOENT');
  await writeCharmTypes(charm, parts, 'anywhere');
  await write('config.yaml', 'options: {motd: {type: string}}');
  await writeCharmTypes(charm, await composed(), 'there');
  expect(await readFile(join(charm, TYPES_FILE), 'utf8')).toContain('  motd?: string;\n');
});

test('a new charm begins with what its YAML says: wsgi-charm check packages/charm-build/skeleton', async () => {
  const skeleton = join(PROJECT, 'packages/charm-build/skeleton');
  const types = await charmTypes(await composed(skeleton));
  expect(await readFile(join(skeleton, TYPES_FILE), 'utf8')).toBe(types);
});
