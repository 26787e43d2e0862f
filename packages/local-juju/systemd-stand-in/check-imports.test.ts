import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'imports-'));
  await mkdir(join(folder, 'machine'));
});
afterEach(() => rm(folder, { recursive: true }));

const module = (name: string, text: string) => writeFile(join(folder, 'machine', `${name}.py`), text);
const check = (...folders: string[]) =>
  spawnSync('python3', [join(import.meta.dirname, 'check_imports.py'), ...folders], { encoding: 'utf8' });

test('no modules of the stand-in import each other in a circle', () => {
  expect(check(import.meta.dirname)).toMatchObject({ status: 0, stdout: '', stderr: '' });
});

test('an import for types alone closes a circle', async () => {
  await module('unit', 'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .manager import Manager\n');
  await module('manager', 'from .unit import Unit\n');
  expect(check(folder)).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/machine\.(unit|manager) -> machine\./),
  });
});

test('so does an import in a function, and one of a module by its package', async () => {
  await module('unit', 'def load():\n    from . import manager\n');
  await module('manager', 'import machine.unit\n');
  expect(check(folder)).toMatchObject({ status: 1, stdout: expect.stringContaining('machine.manager') });
});

test('modules that only share a third are no circle', async () => {
  await module('unit', 'from .words import split\n');
  await module('manager', 'from .unit import Unit\nfrom .words import split\n');
  await module('words', 'import os\n');
  expect(check(folder)).toMatchObject({ status: 0, stdout: '' });
});
