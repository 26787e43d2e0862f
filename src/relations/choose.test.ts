import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseOldest } from './choose.ts';

const relation = (id: string, remoteApp?: string) => ({ id, remoteApp });

test('none is no choice, and one is none to speak of', () => {
  expect(chooseOldest([])).toBeUndefined();
  expect(chooseOldest([relation('postgres:3', 'db')])?.remark).toBeUndefined();
});

test('the oldest counts, and the others are named', () => {
  const choice = chooseOldest([
    relation('postgres:10', 'new'),
    relation('postgresql:4'),
    relation('postgres:9', 'old'),
  ]);
  expect(choice?.chosen.id).toBe('postgresql:4');
  expect(choice?.remark).toBe(
    'postgresql:4 is used, being the oldest relation; not used: old (postgres:9), new (postgres:10)',
  );
});

test('a relation that comes later never takes the place of the one in use', () => {
  const ids = fc.uniqueArray(fc.nat(), { minLength: 1 });
  fc.assert(
    fc.property(ids, fc.nat(), (numbers, more) => {
      const before = chooseOldest(numbers.map((number) => relation(`postgres:${number}`)));
      const later = [...numbers, Math.max(...numbers) + 1 + more].map((number) => relation(`postgres:${number}`));
      expect(chooseOldest(later.reverse())?.chosen.id).toBe(before?.chosen.id);
    }),
  );
});
