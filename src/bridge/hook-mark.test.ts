import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LiveData } from '../reactive/data.ts';
import type { Json } from '../reactive/types.ts';
import { beginHook } from './hook-mark.ts';

let folder: string;
let written: Map<string, Json>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hook-mark-'));
  written = new Map();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A hook as Python runs it: what it noted is in the store only if Python came to write that. */
function hook({ ends, isWritten = true }: { ends: boolean; isWritten?: boolean }): boolean {
  const store = new Map(written);
  const mark = beginHook(folder, new LiveData(store));
  if (ends) mark.end();
  if (isWritten) written = store;
  return mark.interrupted;
}

test('the first hook of a unit, and one after a hook that ended well, are not interrupted', () => {
  expect(hook({ ends: true })).toBe(false);
  expect(hook({ ends: true })).toBe(false);
});

test('a hook after one that was ended in its midst is told so, and the next no more', () => {
  hook({ ends: true });
  hook({ ends: false, isWritten: false });
  expect(hook({ ends: true })).toBe(true);
  expect(hook({ ends: true })).toBe(false);
});

test('a hook after one whose store was not written is told so, though its work was done', () => {
  hook({ ends: true });
  hook({ ends: true, isWritten: false });
  expect(hook({ ends: true })).toBe(true);
});

test('a hook after one that wrote the store, and had not come to its end, is told so', () => {
  hook({ ends: true });
  hook({ ends: false });
  expect(hook({ ends: true })).toBe(true);
});

test('where no mark can be left every hook is told so', () => {
  folder = join(folder, 'gone');
  expect(hook({ ends: true })).toBe(true);
  expect(hook({ ends: true })).toBe(true);
  folder = join(folder, '..');
});
