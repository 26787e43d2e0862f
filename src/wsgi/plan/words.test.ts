import { expect, test } from 'vitest';
import { plannedOptions } from './words.ts';

test('words become values of the options’ types', () => {
  expect(plannedOptions(`build_label=r3 workers=4 access_log=true environment_variables="A=1 B='two words'"`)).toEqual({
    build_label: 'r3',
    workers: 4,
    access_log: true,
    environment_variables: "A=1 B='two words'",
  });
});

test.each([
  ['worker=4', 'there is no option worker; juju config lists them'],
  ['workers=four', 'workers is a whole number'],
  ['access_log=maybe', 'access_log is true or false'],
])('%s is refused', (words, message) => {
  expect(() => plannedOptions(words)).toThrow(message);
});
