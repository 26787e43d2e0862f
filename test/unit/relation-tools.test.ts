import { expect, test } from 'vitest';
import { measureRelations } from '../../bench/relations.ts';

test('a relation hook asks about the unit that it is about, however many there are', async () => {
  const measured = await measureRelations([1, 50, 200]);
  expect(new Set(measured.map(({ endpoint }) => endpoint))).toEqual(new Set(['website', 'postgres']));
  for (const { changed, joined } of measured) {
    expect(changed).toBeLessThanOrEqual(2);
    expect(joined).toBeLessThanOrEqual(4);
  }
});
