import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { replacePrivateFile } from './atomic-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'atomic-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a private file is replaced whole, is only its owner’s, and nothing is left beside it', () => {
  const path = join(folder, 'record.json');
  writeFileSync(path, 'old', { mode: 0o644 });
  replacePrivateFile(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(folder)).toEqual(['record.json']);
});

test('what a killed attempt left is not in the way, and a link planted there is not followed', () => {
  const other = join(folder, 'other');
  writeFileSync(other, 'untouched');
  symlinkSync(other, join(folder, '.record.json.new'));
  replacePrivateFile(join(folder, 'record.json'), 'new');
  expect(readFileSync(other, 'utf8')).toBe('untouched');
  expect(readdirSync(folder).sort()).toEqual(['other', 'record.json']);
});

test('where a name cannot be replaced, what is there stays, and nothing is left beside it', () => {
  const path = join(folder, 'record.json');
  mkdirSync(path);
  expect(() => replacePrivateFile(path, 'new')).toThrow('EISDIR');
  expect(readdirSync(folder)).toEqual(['record.json']);
  expect(statSync(path).isDirectory()).toBe(true);
});
