/** Archives as the programs that people use make them. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMachine } from '../real-machine.ts';
import { type UnpackResult, unpack } from './unpack.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'makers-'));
  mkdirSync(`${root}/in/site-0123456/static`, { recursive: true });
  writeFileSync(`${root}/in/site-0123456/wsgi.py`, 'x = 1\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const take = (unwrap?: (folder: string) => boolean): Promise<UnpackResult> =>
  unpack(createMachine(root), '/a', '/new', unwrap === undefined ? {} : { unwrap });
const names = () => readdirSync(`${root}/new`, { recursive: true }).sort();

function tar(...args: string[]): void {
  execFileSync('tar', ['-C', `${root}/in`, '-cf', `${root}/a`, ...args]);
}

function zip(system: number, ...members: string[]): void {
  const program =
    'import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1], "w")\nfor name in sys.argv[3:]:\n i = zipfile.ZipInfo(name); i.create_system = int(sys.argv[2])\n i.filename = name; z.writestr(i, "x")\n';
  execFileSync('python3', ['-c', program, `${root}/a`, String(system), ...members]);
}

test('one folder around everything is taken off, also from hard links', async () => {
  execFileSync('ln', [`${root}/in/site-0123456/wsgi.py`, `${root}/in/site-0123456/app.py`]);
  tar('site-0123456');
  expect(await take(() => true)).toMatchObject({ ok: true });
  expect(names()).toEqual(['app.py', 'static', 'wsgi.py']);
  expect(readFileSync(`${root}/new/wsgi.py`, 'utf8')).toBe('x = 1\n');
});

test('the folder stays where it is wanted, where nothing is said, and where something is beside it', async () => {
  tar('site-0123456');
  await take((folder) => folder !== 'site-0123456');
  expect(names()).toContain('site-0123456');
  rmSync(`${root}/new`, { recursive: true });
  await take();
  expect(names()).toContain('site-0123456');
  rmSync(`${root}/new`, { recursive: true });
  writeFileSync(`${root}/in/README`, '');
  tar('.');
  await take(() => true);
  expect(names()).toContain('site-0123456');
});

test('a link that leads out of the folder that is taken off is refused', async () => {
  execFileSync('ln', ['-s', '../other', `${root}/in/site-0123456/link`]);
  tar('site-0123456');
  expect(await take(() => true)).toEqual({
    ok: false,
    reason: '"link" is a symbolic link that leads out of the archive',
  });
  expect(existsSync(`${root}/new`)).toBe(false);
  expect(await take()).toMatchObject({ ok: true });
});

test('backslashes in a zip of Windows are folders, and in one of Unix characters', async () => {
  zip(0, 'wsgi.py', 'shop\\__init__.py', 'shop\\views.py');
  expect(await take()).toMatchObject({ ok: true });
  expect(names()).toEqual(['shop', 'shop/__init__.py', 'shop/views.py', 'wsgi.py']);
  rmSync(`${root}/new`, { recursive: true });
  zip(3, 'a\\b');
  await take();
  expect(names()).toEqual(['a\\b']);
});

test.each([
  ['..\\x', '"../x" leads out of the archive'],
  ['C:\\x', '"C:\\\\x" is an absolute path'],
  ['\\x', '"/x" is an absolute path'],
])('%s of Windows is refused', async (name, reason) => {
  zip(0, name);
  expect(await take()).toEqual({ ok: false, reason });
});

test.each([
  ['--format=gnu'],
  ['--format=posix', '--sparse-version=0.0'],
  ['--format=posix', '--sparse-version=0.1'],
  ['--format=posix', '--sparse-version=1.0'],
])('a sparse file is refused: %s %s', async (...format) => {
  writeFileSync(`${root}/in/holes`, 'x');
  truncateSync(`${root}/in/holes`, 10_000_000);
  tar('--sparse', ...format.filter((word) => word !== undefined), 'site-0123456', 'holes');
  expect(await take()).toEqual({
    ok: false,
    reason: expect.stringMatching(/ is a sparse file, which only GNU tar knows$/),
  });
  expect(existsSync(`${root}/new`)).toBe(false);
});
