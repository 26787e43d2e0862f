import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCheck } from './checks.ts';
import { searchable } from './searchable.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'checks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a check whose program is missing is left out', () => {
  expect(runCheck(['no-such-program']).kind).toBe('skipped');
});

test('a check that fails repeats what its program said, or why it could not be started', () => {
  expect(runCheck(['sh', '-c', 'echo out; echo err >&2; exit 3'])).toEqual({ kind: 'failed', said: 'out\nerr\n' });
  const program = join(folder, 'not-executable');
  writeFileSync(program, '', { mode: 0o644 });
  expect(runCheck([program])).toEqual({ kind: 'failed', said: expect.stringContaining('EACCES') });
});

test('folders of PATH that are missing are not searched', () => {
  expect(searchable([join(folder, 'missing'), folder].join(delimiter))).toEqual([folder]);
});

test.skipIf(process.getuid?.() === 0)('folders of PATH that this user may not enter are not searched', () => {
  chmodSync(folder, 0o600);
  expect(searchable([folder, tmpdir()].join(delimiter))).toEqual([tmpdir()]);
});
