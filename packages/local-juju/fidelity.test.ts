import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const table = readFileSync(new URL('../../docs/reference/juju-fidelity.md', import.meta.url), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, rule, about, here] = line.split('|').map((cell) => cell.trim());
    return /^\d+$/.test(rule ?? '') ? [{ rule: Number(rule), about: about ?? '', here: here ?? '' }] : [];
  });

test('the table of fidelity has every recorded rule once', () => {
  expect(table.map(({ rule }) => rule)).toEqual(Array.from({ length: 77 }, (_, i) => i + 1));
});

test('only quirks are left out', () => {
  expect(new Set(table.map(({ here }) => here))).toEqual(new Set(['same', 'same but for time', 'left out']));
  for (const { rule, about, here } of table.filter((one) => one.here === 'left out')) {
    expect(about, `rule ${rule} is ${here}`).toMatch(/^Quirk: /);
  }
});
