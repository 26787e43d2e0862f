import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Machine } from '../../system/machine.ts';
import { createMachine } from '../../system/real-machine.ts';
import { databasesIn, mendOfReadOnly } from './read-only.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'read-only-'));
  machine = createMachine(root);
  mkdirSync(`${root}/srv/r1/shop`, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const mend = (said: string) => mendOfReadOnly(machine, said.replaceAll('ROOT', root), '/srv/r1', []);

test.each([
  ["OSError: [Errno 30] Read-only file system: 'ROOT/srv/r1/instance'", 'instance'],
  ["OSError: [Errno 30] Read-only file system: 'uploads/2026/a.png'", 'uploads/2026'],
  ["OSError: [Errno 30] Read-only file system: 'ROOT/srv/r1/app.log'", 'app.log'],
  ["PermissionError: [Errno 13] Permission denied: 'ROOT/srv/r1/shop/data.db'", 'shop/data.db'],
])('%s', (said, path) => {
  expect(mend(said)).toBe(`; a build is read-only: add ${path} to data_paths`);
});

test('a file outside of the build is told where it may be', () => {
  expect(mend("OSError: [Errno 30] Read-only file system: '/etc/shop'")).toBe(
    '; it may write in data_paths and in /var/lib/wsgi (HOME) only',
  );
});

test('a database of SQLite is found by what is in it', () => {
  const said = 'django.db.utils.OperationalError: attempt to write a readonly database';
  expect(mend(said)).toBe(
    '; a build is read-only: add the path of its SQLite database, such as db.sqlite3, to data_paths',
  );
  writeFileSync(`${root}/srv/r1/thumbs.db`, 'of Windows');
  writeFileSync(`${root}/srv/r1/shop/data.db`, 'SQLite format 3\0 and more');
  expect([...databasesIn(machine, '/srv/r1', []).keys()]).toEqual(['shop/data.db']);
  expect(mend(said)).toBe('; a build is read-only: add shop/data.db to data_paths');
});

test('any other failure is left as it is', () => {
  expect(mend("ModuleNotFoundError: No module named 'flask'")).toBe('');
});
