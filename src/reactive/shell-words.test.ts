import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shellWords } from './shell-words.ts';

test.each([
  ["'foo' 'id x' when '\"a b\" c'", ['foo', 'id x', 'when', '"a b" c']],
  ['a"b c"d\\ e', ['ab cd e']],
  ['\'\' ""', ['', '']],
  ['  a \n b  ', ['a', 'b']],
  ['"a\\"b\\\\c\\d"', ['a"b\\c\\d']],
])('%s', (line, words) => {
  expect(shellWords(line)).toEqual(words);
});

test('what is quoted comes back as it was', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
      const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      expect(shellWords(line)).toEqual(words);
    }),
  );
});
