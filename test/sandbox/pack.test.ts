import { execFile } from 'node:child_process';
import { cp, mkdtemp, open, readdir, readFile, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { load } from 'js-yaml';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';

const run = promisify(execFile);
let scratch: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'pack-'));
});
afterAll(() => rm(scratch, { recursive: true }));

function pack(project: string, output: string, ...options: string[]) {
  return run(process.execPath, [join(project, 'src/cli.ts'), 'pack', '--output', output, ...options], { cwd: project });
}

test('the charm is below 50 MB with its runtime, below 1.2 MB without, and the sizes are said', async () => {
  const { stdout } = await pack(PROJECT, join(scratch, 'whole'));
  expect(stdout).toMatch(/wsgi_\w+\.charm: \d+\.\d MB \(.*code \d+ kB, runtime \d+\.\d MB, wheels/);
  const [charm = ''] = await readdir(join(scratch, 'whole'));
  expect((await stat(join(scratch, 'whole', charm))).size).toBeLessThan(50e6);
  await pack(PROJECT, join(scratch, 'small'), '--runtime', 'system');
  expect((await stat(join(scratch, 'small', charm))).size).toBeLessThan(1.2e6);
});

test('a charm for another architecture has the runtime of that one, and says which it is for', async () => {
  const folder = join(scratch, 'arm64');
  await run(process.execPath, [join(PROJECT, 'src/cli.ts'), 'build', '--arch', 'arm64', '--output', folder], {
    cwd: PROJECT,
  });
  const node = await open(join(folder, 'runtime/bin/node'));
  const { buffer: header } = await node.read(Buffer.alloc(20), 0, 20, 0);
  await node.close();
  // Source: the ELF specification, e_machine; 183 is AArch64.
  expect([header.toString('latin1', 1, 4), header.readUInt16LE(18)]).toEqual(['ELF', 183]);
  expect(Object(load(await readFile(join(folder, 'manifest.yaml'), 'utf8'))).bases).toEqual([
    { name: 'ubuntu', channel: '22.04', architectures: ['arm64'] },
    { name: 'ubuntu', channel: '24.04', architectures: ['arm64'] },
  ]);
});

test('the same sources are the same bytes, wherever and whenever they are packed', async () => {
  const elsewhere = join(scratch, 'a copy of the project');
  for (const name of await readdir(PROJECT)) {
    if (['.git', 'dist', 'node_modules'].includes(name)) continue;
    await cp(join(PROJECT, name), join(elsewhere, name), { recursive: true });
  }
  await symlink(join(PROJECT, 'node_modules'), join(elsewhere, 'node_modules'));
  for (const [project, output] of [
    [PROJECT, 'one'],
    [elsewhere, 'two'],
  ] as const) {
    await pack(project, join(scratch, output), '--arch', 'amd64', '--runtime', 'system');
  }
  const bytes = (output: string) => readFile(join(scratch, output, 'wsgi_amd64.charm'));
  expect((await bytes('one')).equals(await bytes('two'))).toBe(true);
});
