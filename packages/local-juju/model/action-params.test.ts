import { expect, test } from 'vitest';
import { parseParams, validateParams, withDefaults } from './action-params.ts';
import type { ActionSpec } from './charm.ts';

const spec: ActionSpec = {
  description: 'typed parameters',
  schema: {
    type: 'object',
    properties: {
      s: { type: 'string', default: 'dd' },
      i: { type: 'integer', minimum: 1 },
      a: { type: 'array', items: { type: 'string' } },
      o: { type: 'object' },
    },
    required: ['i'],
    additionalProperties: false,
  },
};

test.each([
  [[], '(root) : "i" property is missing and required, given {}'],
  [['i=0'], '(root).i : must be greater than 1, given "0"'],
  [['i=str'], '(root).i : must be of type integer, given "str"'],
  [['i=1', 'extra=1'], '(root) : additional property "extra" is not allowed, given {"extra":1,"i":1}'],
])('%j is refused in the words of Juju', (args, why) => {
  expect(validateParams(spec, parseParams(args, false), true)).toBe(why);
});

test('lists and maps are refused by Juju 4 only', () => {
  const params = parseParams(['i=1', 'a=[x]', 'o.k=v'], false);
  expect(params).toEqual({ i: 1, a: ['x'], o: { k: 'v' } });
  expect(validateParams(spec, params, true)).toBe(
    '(root).a : must be of type array, given "[x]"; (root).o : must be of type object, given "map[k:v]"',
  );
  expect(validateParams(spec, params, false)).toBeUndefined();
});

test('defaults are under what is given; strings stay strings when asked', () => {
  expect(withDefaults(spec, { i: 3 })).toEqual({ s: 'dd', i: 3 });
  expect(parseParams(['a=[x,y]'], false)).toEqual({ a: ['x', true] });
  expect(parseParams(['i=1'], true)).toEqual({ i: '1' });
  expect(() => parseParams(['noequals'], false)).toThrow('must be of the form key.key.key...=value');
});
