import { expect, test } from 'vitest';
import type { Data, Json } from '../../reactive/types.ts';
import { noteProblems, recentProblems } from './problems.ts';

function memory(): Data & { readonly writes: number } {
  const kept = new Map<string, Json>();
  let writes = 0;
  return {
    get writes() {
      return writes;
    },
    get: (key) => kept.get(key),
    set: (key, value) => {
      writes += 1;
      kept.set(key, value);
    },
    unset: (key) => void kept.delete(key),
    keys: () => [...kept.keys()],
  };
}

const blocked = (message: string) => ({ status: 'blocked', message }) as const;
const at = (minute: number) => () => new Date(Date.UTC(2026, 0, 1, 12, minute));

test('a problem has a beginning and an end, and is noted once while it lasts', () => {
  const data = memory();
  noteProblems(data, [blocked('a')], at(1));
  noteProblems(data, [blocked('a')], at(2));
  expect(data.writes).toBe(1);
  noteProblems(data, [blocked('b')], at(3));
  noteProblems(data, [], at(4));
  noteProblems(data, [blocked('a')], at(5));
  expect(recentProblems(data)).toEqual([
    { status: 'blocked', message: 'a', at: '2026-01-01T12:05:00Z' },
    { status: 'blocked', message: 'b', at: '2026-01-01T12:03:00Z', until: '2026-01-01T12:04:00Z' },
    { status: 'blocked', message: 'a', at: '2026-01-01T12:01:00Z', until: '2026-01-01T12:03:00Z' },
  ]);
});

test('only the last are kept', () => {
  const data = memory();
  for (let count = 0; count < 20; count += 1) noteProblems(data, [blocked(`problem ${count}`)], at(count));
  expect(recentProblems(data).map(({ message }) => message)).toEqual(
    [19, 18, 17, 16, 15, 14, 13, 12].map((n) => `problem ${n}`),
  );
});

test('what is damaged counts for nothing', () => {
  const data = memory();
  data.set('wsgi.problems', { broken: true });
  expect(recentProblems(data)).toEqual([]);
});
