import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  action,
  collectMetrics,
  dataChanged,
  fileChanged,
  handler,
  hook,
  meterStatusChanged,
  notUnless,
  predicate,
  when,
  whenAny,
  whenNone,
  whenNot,
  whenNotAll,
} from './conditions.ts';
import { runHook, type World } from './hook-context.fixture.ts';
import { fits, interfacesOf } from './patterns.ts';
import { MemoryStore } from './store.ts';
import type { Condition, Store } from './types.ts';

/** How often a handler with these conditions runs in one hook in which flags a and b are set. */
async function runs(conditions: Condition[], options: { world?: World; store?: Store } = {}): Promise<number> {
  let count = 0;
  const store = options.store ?? new MemoryStore();
  store.flags.set('a', null).set('b', null);
  await runHook([handler('counted', conditions, () => void count++)], { ...options, store });
  return count;
}

const during = (name: string, kind: 'hook' | 'action' = 'hook'): { world: World } => ({
  world: { event: { name, kind } },
});

describe('conditions on flags', () => {
  test.each<[Condition, number]>([
    [when('a', 'b'), 1],
    [when('a', 'z'), 0],
    [whenAny('z', 'b'), 1],
    [whenAny('z'), 0],
    [whenAny(), 0],
    [whenNot('y', 'z'), 1],
    [whenNone('a', 'z'), 0],
    [whenNotAll('a', 'z'), 1],
    [whenNotAll('a', 'b'), 0],
  ])('%j runs %i times', async (condition, times) => {
    expect(await runs([condition])).toBe(times);
  });

  test('all conditions of a handler must hold', async () => {
    expect(await runs([when('a'), whenNot('z')])).toBe(1);
    expect(await runs([when('a'), whenNot('b')])).toBe(0);
  });

  test('never hold together with a hook', async () => {
    expect(await runs([hook('update-status'), when('a')])).toBe(0);
  });
});

describe('hooks and actions', () => {
  test('a hook handler runs in its hooks only', async () => {
    const relation = hook('{website,db}-relation-{joined,changed}');
    expect(await runs([relation], during('db-relation-changed'))).toBe(1);
    expect(await runs([relation], during('db-relation-departed'))).toBe(0);
    expect(await runs([hook('migrate')], during('migrate', 'action'))).toBe(0);
  });

  test('an action handler runs in its actions only', async () => {
    expect(await runs([action('migrate')], during('migrate', 'action'))).toBe(1);
    expect(await runs([action('migrate')], during('migrate'))).toBe(0);
  });

  test('handlers that look at flags run in actions too', async () => {
    expect(await runs([when('a')], during('migrate', 'action'))).toBe(1);
  });

  test('restricted hooks run their own handlers and flagless predicates, and no others', async () => {
    const other = [when('a'), whenNot('z'), hook('*'), meterStatusChanged()];
    for (const condition of other) expect(await runs([condition], during('collect-metrics'))).toBe(0);
    expect(await runs([collectMetrics()], during('collect-metrics'))).toBe(1);
    expect(await runs([meterStatusChanged()], during('meter-status-changed'))).toBe(1);
    expect(await runs([predicate('always', () => true)], during('collect-metrics'))).toBe(1);
    expect(await runs([collectMetrics()], during('config-changed'))).toBe(0);
  });

  test.each([
    ['a-relation-joined', 'a-relation-joined', true],
    ['{a,b}-{c,d}', 'b-c', true],
    ['{a,b}-{c,d}', 'a-b', false],
    ['*-relation-broken', 'db-relation-broken', true],
    ['*-relation-broken', 'db-relation-changed', false],
    ['a*b*c', 'aXbYbc', true],
    ['ab*ba', 'aba', false],
    ['{provides:http}-relation-{joined,changed}', 'website-relation-changed', true],
    ['{requires:http}-relation-joined', 'website-relation-joined', false],
  ])('pattern %s and hook %s: %s', (pattern, name, expected) => {
    const interfaces = interfacesOf({ provides: { website: { interface: 'http' } } });
    expect(fits(pattern, name, interfaces)).toBe(expected);
  });
});

describe('changes', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'changes-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  test('a file handler runs once for each content, a new and a removed file too', async () => {
    const file = join(directory, 'f');
    const store = new MemoryStore();
    const count = () => runs([fileChanged(file)], { store });
    expect(await count()).toBe(0);
    writeFileSync(file, 'one');
    expect(await count()).toBe(1);
    expect(await count()).toBe(0);
    writeFileSync(file, 'two');
    expect(await count()).toBe(1);
    rmSync(file);
    expect(await count()).toBe(1);
  });

  test('a data handler runs once for each value, and keeps waiting while its flag is not there', async () => {
    const store = new MemoryStore();
    const count = (value: string, flag = 'a') => runs([dataChanged('v', () => ({ value })), when(flag)], { store });
    expect(await count('one')).toBe(1);
    expect(await count('one')).toBe(0);
    expect(await count('two', 'z')).toBe(0);
    expect(await count('two')).toBe(1);
    expect(await count('two')).toBe(0);
  });

  test('no value of data or files is kept, only a fingerprint', async () => {
    const store = new MemoryStore();
    await runs([dataChanged('v', () => 'password')], { store });
    expect(JSON.stringify([...store.data])).not.toContain('password');
  });
});

test('notUnless warns, and keeps the handler from nothing', async () => {
  const guarded = handler('guarded', [whenNot('x'), notUnless('y', 'z')], ({ flags }) => void flags.set('ran'));
  const { flags, context } = await runHook([guarded]);
  expect(flags).toEqual(['ran']);
  expect(context.logged).toEqual(['WARNING guarded called before flags: y, z']);
});
