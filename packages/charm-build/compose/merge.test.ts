import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMapping, merge, without } from './merge.ts';

const json = fc.letrec<{ mapping: Record<string, unknown>; value: unknown }>((tie) => ({
  mapping: fc.dictionary(fc.string(), tie('value'), { maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 3 }, fc.string(), fc.integer(), fc.array(fc.string(), { maxLength: 2 }), tie('mapping')),
})).mapping;

test('what the upper layer says holds, whatever the lower one says', () => {
  fc.assert(
    fc.property(json, json, (lower, upper) => {
      const merged = merge(lower, upper);
      const holds = (said: unknown, result: unknown): void => {
        if (isMapping(said) && isMapping(result)) {
          for (const [key, value] of Object.entries(said)) holds(value, result[key]);
        } else expect(result).toEqual(said);
      };
      holds(upper, merged);
      expect(new Set(Object.keys(merged))).toEqual(new Set([...Object.keys(lower), ...Object.keys(upper)]));
    }),
  );
});

test('merging with nothing, or with itself, changes nothing', () => {
  fc.assert(
    fc.property(json, (data) => {
      expect(merge(data, {})).toEqual(data);
      expect(merge({}, data)).toEqual(data);
      expect(merge(data, data)).toEqual(data);
    }),
  );
});

test('a key named __proto__ is a key, not a prototype', () => {
  const merged = merge(JSON.parse('{"__proto__": {"a": 1}}'), JSON.parse('{"__proto__": {"b": 2}}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"a":1,"b":2}}');
  expect(merged).not.toHaveProperty('b');
});

test('a path that is not there cannot be taken out', () => {
  const data = { requires: { mongo: { interface: 'mongodb' } }, tags: ['ops'] };
  expect(without(data, 'requires.mongo')).toEqual({ requires: {}, tags: ['ops'] });
  expect(without(data, 'requires.mysql')).toBeUndefined();
  expect(without(data, 'tags.0.x')).toBeUndefined();
  expect(without(data, 'toString')).toBeUndefined();
});
