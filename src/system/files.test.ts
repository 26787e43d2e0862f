import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ensureDirectory,
  ensureSymlink,
  listDirectory,
  readFile,
  readSymlink,
  removeFile,
  removeTree,
  writeFile,
} from './files.ts';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';
import { statFingerprint } from './stat-fingerprint.ts';

const isRoot = process.geteuid?.() === 0;
let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'));
  machine = createMachine(root);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const mode = (path: string) => lstatSync(root + path).mode & 0o7777;

test('a file is written once and then recognised', async () => {
  expect(await writeFile(machine, '/etc/x/a.conf', 'ü\n', { mode: 0o640 })).toBe(true);
  const before = lstatSync(`${root}/etc/x/a.conf`).ino;
  expect(await writeFile(machine, '/etc/x/a.conf', 'ü\n', { mode: 0o640 })).toBe(false);
  expect(lstatSync(`${root}/etc/x/a.conf`).ino).toBe(before);
  expect(readFileSync(`${root}/etc/x/a.conf`, 'utf8')).toBe('ü\n');
  expect(mode('/etc/x/a.conf')).toBe(0o640);
  expect(readdirSync(`${root}/etc/x`)).toEqual(['a.conf']);
});

test('another content or another mode is a change, and a new inode', async () => {
  await writeFile(machine, '/a', 'one', { mode: 0o600 });
  expect(await writeFile(machine, '/a', 'two', { mode: 0o600 })).toBe(true);
  expect(await writeFile(machine, '/a', 'two', { mode: 0o644 })).toBe(true);
  expect(await readFile(machine, '/a')).toBe('two');
  expect(mode('/a')).toBe(0o644);
});

test('what an interrupted hook left beside a file is written over', async () => {
  writeFileSync(`${root}/.a.new`, 'half');
  await writeFile(machine, '/a', 'whole', { mode: 0o600 });
  expect(readdirSync(root)).toEqual(['a']);
});

test('a link in place of a file is replaced, never written through', async () => {
  writeFileSync(`${root}/victim`, 'safe');
  symlinkSync(`${root}/victim`, `${root}/a`);
  await expect(readFile(machine, '/a')).rejects.toThrow('/a: too many symbolic links');
  expect(await writeFile(machine, '/a', 'new', { mode: 0o600 })).toBe(true);
  expect(readFileSync(`${root}/victim`, 'utf8')).toBe('safe');
  expect(await readFile(machine, '/a')).toBe('new');
});

test('a pipe in place of a file holds up nobody', async () => {
  execFileSync('mkfifo', [`${root}/a`]);
  await expect(readFile(machine, '/a')).rejects.toThrow('/a is not a file');
  expect(await writeFile(machine, '/a', 'new', { mode: 0o600 })).toBe(true);
});

test('a folder reached by a link of root is the folder behind it', async () => {
  mkdirSync(`${root}/mnt/srv`, { recursive: true });
  symlinkSync('mnt/srv', `${root}/srv`);
  await writeFile(machine, '/srv/a', 'x', { mode: 0o600 });
  expect(readFileSync(`${root}/mnt/srv/a`, 'utf8')).toBe('x');
});

test.runIf(isRoot)('a folder reached by a link of someone else is refused, and nothing is written there', async () => {
  mkdirSync(`${root}/etc`);
  symlinkSync(`${root}/etc`, `${root}/srv`);
  execFileSync('chown', ['-h', '65534', `${root}/srv`]);
  const refusal = '/srv is a symbolic link that root did not make';
  await expect(writeFile(machine, '/srv/a', 'x', { mode: 0o600 })).rejects.toThrow(refusal);
  await expect(ensureDirectory(machine, '/srv/b/c', { mode: 0o755 })).rejects.toThrow(refusal);
  await expect(removeTree(machine, '/srv/b')).rejects.toThrow(refusal);
  expect(readdirSync(`${root}/etc`)).toEqual([]);
});

test('links in a circle end', async () => {
  symlinkSync('b', `${root}/a`);
  symlinkSync('a', `${root}/b`);
  await expect(writeFile(machine, '/a/x', '', { mode: 0o600 })).rejects.toThrow('too many symbolic links');
});

test('a file where a folder should be is named', async () => {
  writeFileSync(`${root}/srv`, '');
  const sentence = '/srv is a file where a directory should be; move it away';
  await expect(ensureDirectory(machine, '/srv', { mode: 0o755 })).rejects.toThrow(sentence);
  await expect(writeFile(machine, '/srv/x/y', '', { mode: 0o600 })).rejects.toThrow(sentence);
});

test('a folder is made with those above it, and mended', async () => {
  expect(await ensureDirectory(machine, '/srv/app/data', { mode: 0o750 })).toBe(true);
  expect(await ensureDirectory(machine, '/srv/app/data', { mode: 0o750 })).toBe(false);
  chmodSync(`${root}/srv/app/data`, 0o777);
  expect(await ensureDirectory(machine, '/srv/app/data', { mode: 0o750 })).toBe(true);
  expect([mode('/srv/app'), mode('/srv/app/data')]).toEqual([0o755, 0o750]);
});

test.runIf(isRoot)('files and folders get their owner, and get it back', async () => {
  const nobody = { owner: 'nobody', group: 'nogroup', mode: 0o600 };
  expect(await writeFile(machine, '/a', 'x', nobody)).toBe(true);
  expect(await writeFile(machine, '/a', 'x', nobody)).toBe(false);
  expect(lstatSync(`${root}/a`)).toMatchObject({ uid: 65534, gid: 65534 });
  execFileSync('chown', ['0:0', `${root}/a`]);
  expect(await writeFile(machine, '/a', 'x', nobody)).toBe(true);
  expect(await ensureDirectory(machine, '/d', { ...nobody, mode: 0o700 })).toBe(true);
  expect(await ensureDirectory(machine, '/d', { ...nobody, mode: 0o700 })).toBe(false);
  await expect(writeFile(machine, '/b', '', { owner: 'nosuch', mode: 0o600 })).rejects.toThrow('no user nosuch');
  expect(readdirSync(root)).toEqual(['a', 'd']);
});

test('a link is replaced in one step, with the target on the machine', async () => {
  expect(await ensureSymlink(machine, '/srv/current', '/srv/r1')).toBe(true);
  expect(await ensureSymlink(machine, '/srv/current', '/srv/r1')).toBe(false);
  expect(readlinkSync(`${root}/srv/current`)).toBe(`${root}/srv/r1`);
  expect(await ensureSymlink(machine, '/srv/current', 'r2')).toBe(true);
  expect(await readSymlink(machine, '/srv/current')).toBe('r2');
  expect(await readSymlink(machine, '/srv/missing')).toBeUndefined();
  mkdirSync(`${root}/srv/dir/full`, { recursive: true });
  await expect(ensureSymlink(machine, '/srv/dir', 'r2')).rejects.toThrow('/srv/dir is a directory where');
});

test('what is not there is neither read, listed nor removed', async () => {
  expect(await readFile(machine, '/x/y')).toBeUndefined();
  expect(await listDirectory(machine, '/x/y')).toEqual([]);
  expect(await removeFile(machine, '/x/y')).toBe(false);
  expect(await removeTree(machine, '/x')).toBe(false);
});

test('removal takes the link and not what it points at', async () => {
  mkdirSync(`${root}/keep/sub`, { recursive: true });
  mkdirSync(`${root}/gone`);
  symlinkSync(`${root}/keep`, `${root}/gone/link`);
  symlinkSync(`${root}/keep`, `${root}/link`);
  expect(await listDirectory(machine, '/')).toEqual(['gone', 'keep', 'link']);
  expect(await removeTree(machine, '/gone')).toBe(true);
  expect(await removeTree(machine, '/link')).toBe(true);
  expect(await removeFile(machine, '/link')).toBe(false);
  expect(existsSync(`${root}/keep/sub`)).toBe(true);
});

test('a fingerprint tells any change of the files, and of what links point at', async () => {
  await writeFile(machine, '/a', 'one', { mode: 0o600 });
  await ensureSymlink(machine, '/l', 'a');
  const seen = new Set<string>();
  const look = () => seen.add(statFingerprint(machine, ['/a', '/l', '/missing']));
  look();
  expect(look().size).toBe(1);
  writeFileSync(`${root}/a`, 'two');
  expect(look().size).toBe(2);
  lutimesSync(`${root}/l`, 1, 1);
  expect(look().size).toBe(3);
  await removeFile(machine, '/a');
  expect(look().size).toBe(4);
});
