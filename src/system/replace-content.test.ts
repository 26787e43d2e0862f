import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';
import { replaceContent } from './replace-content.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'replace-'));
  machine = createMachine(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

type Files = Readonly<Record<string, string>>;

function write(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, folder, name)), { recursive: true });
    writeFileSync(join(root, folder, name), text);
  }
}

function read(folder: string): Files {
  const found = execFileSync('find', ['.', '!', '-type', 'd', '-printf', '%P\n'], { cwd: join(root, folder) });
  const names = String(found).split('\n').filter(Boolean).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(root, folder, name), 'utf8')]));
}

test('the new content takes the place of the old, and nothing else is left', async () => {
  write('srv', { 'wsgi.py': 'old', 'old.py': '', 'lib/a.py': 'old', 'lib/b.py': '' });
  write('srv/.new', { 'wsgi.py': 'new', 'new.py': '', 'lib/a.py': 'new' });
  await replaceContent(machine, '/srv', '.new');
  expect(read('srv')).toEqual({ 'wsgi.py': 'new', 'new.py': '', 'lib/a.py': 'new' });
});

test('a file gives way to a folder, and a folder to a file', async () => {
  write('srv', { a: 'file', 'b/file': '' });
  write('srv/.new', { 'a/file': '', b: 'file' });
  await replaceContent(machine, '/srv', '.new');
  expect(read('srv')).toEqual({ 'a/file': '', b: 'file' });
});

test('what is to be kept stays as it is, wherever it lies, and what the new content has there is left out', async () => {
  write('srv', { 'media/photo': 'mine', 'var/db/data': 'mine', 'var/tmp': 'old', 'wsgi.py': 'old' });
  write('srv/.new', { 'media/sample': 'new', 'var/db/empty': 'new', 'var/cache': 'new', 'wsgi.py': 'new' });
  await replaceContent(machine, '/srv', '.new', { keep: ['media', 'var/db'] });
  const kept = { 'media/photo': 'mine', 'var/db/data': 'mine' };
  expect(read('srv')).toEqual({ ...kept, 'var/cache': 'new', 'wsgi.py': 'new' });
});

test('what is to be kept stays where the new content has nothing of that name', async () => {
  write('srv', { 'media/photo': 'mine', 'var/db/data': 'mine' });
  write('srv/.new', { 'wsgi.py': 'new' });
  await replaceContent(machine, '/srv', '.new', { keep: ['media', 'var/db'] });
  expect(read('srv')).toEqual({ 'media/photo': 'mine', 'var/db/data': 'mine', 'wsgi.py': 'new' });
});

test('what is to be kept begins as the new content has it', async () => {
  write('srv/.new', { 'media/sample': 'new', 'wsgi.py': 'new' });
  await replaceContent(machine, '/srv', '.new', { keep: ['media'] });
  expect(read('srv')).toEqual({ 'media/sample': 'new', 'wsgi.py': 'new' });
});

test.each([0, 1, 2, 3])('ended after %i names it is done again with the whole new content', async (names) => {
  const fresh: Files = { a: 'new', b: 'new', 'c/d': 'new' };
  write('srv', { a: 'old', b: 'old', x: 'old', 'media/photo': 'mine' });
  write('srv/.new.old', Object.fromEntries(['a', 'b', 'x'].slice(0, names).map((name) => [name, 'old'])));
  for (const name of ['a', 'b', 'x'].slice(0, names)) rmSync(join(root, 'srv', name));
  write('content', fresh);
  cpSync(join(root, 'content'), join(root, 'srv/.new'), { recursive: true });
  await replaceContent(machine, '/srv', '.new', { keep: ['media'] });
  expect(read('srv')).toEqual({ ...fresh, 'media/photo': 'mine' });
});
