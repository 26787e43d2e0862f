import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { digestTree } from './digest.ts';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';
import { statTree } from './stat-tree.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'digest-'));
  machine = createMachine(root);
  mkdirSync(`${root}/app/pkg`, { recursive: true });
  writeFileSync(`${root}/app/pkg/a.py`, 'a = 1\n');
  writeFileSync(`${root}/app/b`, '');
  symlinkSync('pkg/a.py', `${root}/app/link`);
});
afterEach(() => rmSync(root, { recursive: true }));

const digest = (exclude: string[] = []) => digestTree(machine, '/app', { exclude });

test.each<[string, () => void]>([
  ['a content', () => writeFileSync(`${root}/app/b`, 'x')],
  ['a name', () => renameSync(`${root}/app/b`, `${root}/app/c`)],
  ['a place', () => renameSync(`${root}/app/b`, `${root}/app/pkg/b`)],
  ['a new empty folder', () => mkdirSync(`${root}/app/new`)],
  ['an executable bit', () => chmodSync(`${root}/app/b`, 0o755)],
  [
    'where a link leads',
    () => {
      unlinkSync(`${root}/app/link`);
      symlinkSync('b', `${root}/app/link`);
    },
  ],
  [
    'a file in place of a folder',
    () => {
      rmSync(`${root}/app/pkg`, { recursive: true });
      writeFileSync(`${root}/app/pkg`, '');
    },
  ],
])('%s counts', async (_, change) => {
  const before = await digest();
  change();
  expect(await digest()).not.toBe(before);
});

test('times, owners and what Python and the application write do not count', async () => {
  const before = await digest(['data', './pkg/log/']);
  utimesSync(`${root}/app/b`, 1, 1);
  chmodSync(`${root}/app/b`, 0o600);
  for (const folder of ['__pycache__', 'pkg/__pycache__', 'data/x', 'pkg/log']) {
    mkdirSync(`${root}/app/${folder}`, { recursive: true });
    writeFileSync(`${root}/app/${folder}/y`, 'z');
  }
  expect(await digest(['data', './pkg/log/'])).toBe(before);
  expect(await digest()).not.toBe(before);
});

test('a copy has the same digest, and another index', async () => {
  const [content, index] = [await digest(), statTree(machine, '/app')];
  cpSync(`${root}/app`, `${root}/copy`, { recursive: true, verbatimSymlinks: true });
  expect(await digestTree(machine, '/copy')).toBe(content);
  expect(statTree(machine, '/copy')).not.toBe(index);
});

test('the index tells a write that changes nothing else', async () => {
  const index = statTree(machine, '/app');
  expect(statTree(machine, '/app')).toBe(index);
  writeFileSync(`${root}/app/pkg/a.py`, 'a = 2\n');
  utimesSync(`${root}/app/pkg/a.py`, 1, 1);
  expect(statTree(machine, '/app')).not.toBe(index);
});

test('pipes are not waited for, and names need be no text', async () => {
  const before = await digest();
  execFileSync('mkfifo', [`${root}/app/pipe`]);
  writeFileSync(Buffer.concat([Buffer.from(`${root}/app/`), Buffer.from([0xff])]), 'x');
  const after = await digest();
  expect(after).not.toBe(before);
  renameSync(
    Buffer.concat([Buffer.from(`${root}/app/`), Buffer.from([0xff])]),
    Buffer.concat([Buffer.from(`${root}/app/`), Buffer.from([0xfe])]),
  );
  expect(await digest()).not.toBe(after);
});
