import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { GoFloat, goFloat } from './go-value.ts';
import { goYaml } from './go-yaml.ts';

test('any strings in any shape are read back as they were', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom('yes', '1e3', '- x', 'a: b', ' lead', 'x\n\n'),
  );
  const tree = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { maxLength: 4 }),
      fc.dictionary(leaf, tie('node'), { maxKeys: 4 }),
    ),
  })).node;
  fc.assert(
    fc.property(fc.dictionary(leaf, tree, { maxKeys: 4 }), (value) => {
      // js-yaml reads maps with a `__proto__` key its own way; newlines at the very end are cut, as Juju does.
      fc.pre(!JSON.stringify(value).includes('__proto__'));
      const plain = [JSON.parse(JSON.stringify(value)), 'end'];
      expect(load(goYaml(plain))).toEqual(plain);
    }),
  );
});

test('keys are in natural order, long plain text is folded at 80', () => {
  expect(goYaml({ a10: '', a2: '', B: '', '1': '' })).toBe('"1": ""\nB: ""\na2: ""\na10: ""');
  expect(goYaml({ command: `${'word '.repeat(20)}end` })).toBe(
    `command: ${'word '.repeat(15)}\n  ${'word '.repeat(5)}end`.replace(' \n', '\n'),
  );
});

test('lists in maps are not indented', () => {
  expect(goYaml({ access: [{ target: 'x', role: 'view' }], none: [] })).toBe(
    'access:\n- role: view\n  target: x\nnone: []',
  );
});

test.each([
  [3e11, '3e+11'],
  [2, '2'],
  [1.5, '1.5'],
  [1234567, '1.234567e+06'],
  [0.00001, '1e-05'],
])('the float %f is %s', (value, text) => {
  expect(goFloat(value)).toBe(text);
  expect(goYaml({ v: new GoFloat(value) })).toBe(`v: ${text}`);
});
