import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { StoreError } from './errors.ts';
import { FileStore } from './store.ts';
import { parse } from './store-format.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'store-'));
  path = join(directory, 'state.json');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('the file store', () => {
  test('gives back what was committed', () => {
    const store = new FileStore(path);
    store.flags.set('a.b', null);
    store.flags.set('c', { x: [1, 'ü'] });
    store.data.set('__proto__', 'kept');
    store.commit();
    const again = new FileStore(path);
    expect([...again.flags]).toEqual([
      ['a.b', null],
      ['c', { x: [1, 'ü'] }],
    ]);
    expect([...again.data]).toEqual([['__proto__', 'kept']]);
    expect(again.remarks).toEqual([]);
  });

  test('keeps nothing of a hook that does not commit, and the next one knows', () => {
    const first = new FileStore(path);
    expect(first.interrupted).toBe(false);
    first.commit();
    const killed = new FileStore(path);
    killed.flags.set('lost', null);
    const next = new FileStore(path);
    expect(next.flags.has('lost')).toBe(false);
    expect(next.interrupted).toBe(true);
    next.commit();
    expect(new FileStore(path).interrupted).toBe(false);
  });

  test('is readable by its owner only, and leaves no other file', () => {
    const store = new FileStore(path);
    store.flags.set('a', null);
    store.commit();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(directory)).toEqual(['state.json']);
  });

  test('does not write when nothing changed', () => {
    const store = new FileStore(path);
    store.flags.set('a', null);
    store.commit();
    const written = statSync(path).ino;
    const again = new FileStore(path);
    again.flags.delete('a');
    again.flags.set('a', null);
    again.commit();
    expect(statSync(path).ino).toBe(written);
  });

  test('knows a hook that was killed before this program began by what its launcher left', () => {
    new FileStore(path).commit();
    writeFileSync(`${path}.begun`, '\n');
    const calm = new FileStore(path);
    expect(calm.interrupted).toBe(false);
    calm.commit();
    expect(existsSync(`${path}.begun`)).toBe(false);
    writeFileSync(`${path}.begun`, '\n\n');
    const after = new FileStore(path);
    expect(after.interrupted).toBe(true);
    after.commit();
    expect(new FileStore(path).interrupted).toBe(false);
  });

  test('is not hurt by what a killed write left behind', () => {
    writeFileSync(join(directory, '.state.json.new'), '{"version": 1, "fl');
    const store = new FileStore(path);
    store.flags.set('a', null);
    store.commit();
    expect(new FileStore(path).flags.has('a')).toBe(true);
  });

  test.each([
    ['torn', '{\n"version": 1,\n"flags": {\n"a": nu'],
    ['empty', ''],
    ['no object', '[]'],
    ['without version', '{"flags": {}, "data": {}}'],
    ['with flags of the wrong kind', '{"version": 1, "flags": ["a"], "data": {}}'],
  ])('sets a file that is %s aside, says so, and begins anew', (_, text) => {
    writeFileSync(path, text);
    const store = new FileStore(path);
    expect(store.flags.size + store.data.size).toBe(0);
    expect(store.remarks).toHaveLength(1);
    expect(store.remarks[0]).toContain(`${path}.damaged`);
    expect(readFileSync(`${path}.damaged`, 'utf8')).toBe(text);
    store.commit();
    expect(existsSync(path)).toBe(true);
  });

  test('never throws for damage, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(Buffer.from)), (bytes) => {
        writeFileSync(path, bytes);
        expect(() => new FileStore(path)).not.toThrow(TypeError);
      }),
    );
  });

  test('refuses the file of a newer revision with a sentence, and leaves it alone', () => {
    const text = '{"version": 99, "flags": {"a": null}, "data": {}}';
    writeFileSync(path, text);
    expect(() => new FileStore(path)).toThrow(/newer revision of the charm \(format 99, this one knows 1\)/);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  test('says which file cannot be written', () => {
    const store = new FileStore(join(directory, 'state'));
    store.flags.set('a', null);
    rmSync(directory, { recursive: true });
    writeFileSync(directory, '');
    expect(() => store.commit()).toThrow(StoreError);
    expect(() => store.commit()).toThrow(`${join(directory, 'state')}: cannot write the charm's state`);
  });
});

test('an older format is migrated step by step, and said so', () => {
  const first = (old: object) => ({ ...old, flags: { a: 1 }, version: 2 });
  const second = (old: object) => ({ ...old, data: { b: 2 }, version: 3 });
  const found = parse('{"version": 1, "flags": {}, "data": {}}', 'state.json', [first, second]);
  expect(found).toEqual({
    flags: [['a', 1]],
    data: [['b', 2]],
    remarks: ['state.json: migrated from format 1 to 3'],
  });
});
