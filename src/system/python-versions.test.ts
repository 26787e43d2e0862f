import { expect, test } from 'vitest';
import { firstThatSatisfies, satisfies } from './python-versions.ts';

test.each([
  ['', ['3.10', '3.11', '3.13'], []],
  ['>=3.11', ['3.11', '3.13'], ['3.10']],
  ['>=3.11,<3.13', ['3.11', '3.12'], ['3.10', '3.13']],
  ['>3.11', ['3.11', '3.12'], ['3.10']],
  ['<3.11', ['3.10'], ['3.11']],
  ['<3.11.4', ['3.10', '3.11'], ['3.12']],
  ['<=3.11', ['3.10'], ['3.11']],
  ['==3.12.*', ['3.12'], ['3.11', '3.13']],
  ['==3.12.4', ['3.12'], ['3.11']],
  ['!=3.11.*', ['3.10', '3.12'], ['3.11']],
  ['!=3.11.4', ['3.11'], []],
  ['~=3.11', ['3.11', '3.13'], ['3.10']],
  ['~=3.11.2', ['3.11'], ['3.12', '3.10']],
  ['>=3', ['3.10'], []],
  ['<4,>=3.12', ['3.12'], ['3.11']],
  ['not a specifier', ['3.11'], []],
])('%s', (specifier, right, wrong) => {
  expect(right.filter((python) => !satisfies(python, specifier))).toEqual([]);
  expect(wrong.filter((python) => satisfies(python, specifier))).toEqual([]);
});

test('the oldest release that satisfies', () => {
  expect(firstThatSatisfies('>=3.13')).toBe('3.13');
  expect(firstThatSatisfies('>=3.8,<3.12')).toBe('3.10');
  expect(firstThatSatisfies('<3.9')).toBeUndefined();
});
