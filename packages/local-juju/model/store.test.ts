import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newState } from './new-state.ts';
import { loadState, lock, saveState } from './store.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'store-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('what was saved is loaded, and nobody else may read it', () => {
  const state = newState({ uuid: 'u', machineKind: 'sandbox' });
  saveState(dir, state);
  expect(loadState(dir)).toEqual(state);
  expect(statSync(join(dir, 'model.json')).mode & 0o777).toBe(0o600);
});

test('says what is wrong where there is no model, or another file', () => {
  expect(() => loadState(dir)).toThrow(`no model at ${dir}`);
  writeFileSync(join(dir, 'model.json'), '{"format": 2}');
  expect(() => loadState(dir)).toThrow('is not a model of this version');
});

test('the second waits until the first is done', async () => {
  const order: string[] = [];
  const release = await lock(dir);
  const second = lock(dir, () => order.push('waits')).then((end) => {
    order.push('has it');
    end();
  });
  order.push('releases');
  release();
  await second;
  expect(order.filter((step) => step !== 'waits')).toEqual(['releases', 'has it']);
});

test('the lock of a process that is gone is taken over', async () => {
  writeFileSync(join(dir, 'model.lock'), '999999999 1');
  (await lock(dir))();
  // The number may belong to another process by now.
  writeFileSync(join(dir, 'model.lock'), `${process.pid} 1`);
  (await lock(dir))();
});
