import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundle } from './bundle.ts';
import { type Tree, text } from './tree.ts';

const run = promisify(execFile);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
}

/** Bundles `entry`, and says what it prints when it runs where its sources are not. */
async function output(entry: string, held?: Tree): Promise<string> {
  const out = join(folder, 'out');
  await mkdir(out, { recursive: true });
  const files = await bundle({ entry, folder, ...(held && { overlay: { folder, files: held } }) });
  for (const [name, code] of files) await writeFile(join(out, name), code);
  return (await run(process.execPath, [join(out, 'entry.cjs')])).stdout.trim();
}

test('a dynamic import is a second file, required on need, and what both use exists once', async () => {
  await write({
    'shared.ts': 'export class Refusal extends Error {}\nexport const seen: string[] = [];',
    'work.ts': `import { Refusal, seen } from './shared.ts';\nexport function work(): never { seen.push('work'); throw new Refusal('no'); }`,
  });
  const entry = `
    import { Refusal, seen } from './shared.ts';
    async function main(): Promise<void> {
      if (process.argv.length > 99) return;
      const { work } = await import('./work.ts');
      try { work(); } catch (error) { console.log(error instanceof Refusal, seen.join()); }
    }
    void main();`;
  const files = await bundle({ entry, folder });
  expect([...files.keys()].sort()).toEqual(['entry.cjs', 'entry.cjs.map', 'work.cjs', 'work.cjs.map']);
  expect(await output(entry)).toBe('true work');
});

test('templates are compiled: their values are kept as they are, and their digest is that of the text', async () => {
  const template = 'ExecStart={{command}}\n';
  await write({ 'templates/x.service.hbs': template });
  const digest = createHash('sha256').update(template).digest('hex');
  const entry = `
    import render, { name, sha256 } from './templates/x.service.hbs';
    console.log(name, sha256, JSON.stringify(render({ command: '<a> & "b"' })));`;
  expect(await output(entry)).toBe(`x.service.hbs ${digest} ${JSON.stringify('ExecStart=<a> & "b"\n')}`);
});

test('a template that uses a name which it is not given throws', async () => {
  await write({ 'x.hbs': '{{port}}' });
  expect(
    await output(`import render from './x.hbs'; try { render({}); } catch (e) { console.log(e.message); }`),
  ).toMatch(/"port" not defined/);
});

test('a mistake in a template is reported with the name of its file', async () => {
  await write({ 'broken.hbs': '{{#if x}}' });
  await expect(bundle({ entry: `import render from './broken.hbs'; render();`, folder })).rejects.toThrow(
    /broken\.hbs: Parse error/,
  );
});

test('YAML files are plain data, and what the charm holds under their name takes their place', async () => {
  await write({ 'config.yaml': 'options: {port: {default: 80}}' });
  const entry = `import config from './config.yaml'; console.log(JSON.stringify(config));`;
  expect(await output(entry)).toBe('{"options":{"port":{"default":80}}}');
  const merged: Tree = new Map([['config.yaml', text('options: {port: {default: 8000}}')]]);
  expect(await output(entry, merged)).toBe('{"options":{"port":{"default":8000}}}');
});

test('descriptions of options stay in the file that people read', async () => {
  await write({ 'config.yaml': 'options: {description: {default: kept, description: for people}}' });
  const entry = `import config from './config.yaml'; console.log(JSON.stringify(config));`;
  expect(await output(entry)).toBe('{"options":{"description":{"default":"kept"}}}');
});

test('an import that cannot be resolved fails the build, not a hook', async () => {
  await expect(bundle({ entry: `import 'no-such-package';`, folder })).rejects.toThrow(/no-such-package/);
});
