import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ago, readable, size } from './page.ts';

test('whatever a program prints, a line fits a terminal and needs no escape in YAML', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 900 }), (text) => {
      for (const line of readable(text).split('\n')) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).toBe(line.trimEnd());
        expect(line).not.toMatch(/[\p{C}]/u);
      }
    }),
  );
});

test('a long line is broken at a word, and goes on further in', () => {
  expect(readable(`  ${'word '.repeat(20)}`)).toBe(
    `  ${'word '.repeat(15).trimEnd()}\n    ${'word '.repeat(5).trimEnd()}`,
  );
  expect(readable('x'.repeat(100))).toBe(`${'x'.repeat(76)}\n  ${'x'.repeat(24)}`);
  expect(readable('\u001b[31mred\u001b[0m\tand\u0000')).toBe('red    and?');
});

test('times and sizes as a person says them', () => {
  const now = new Date('2026-01-02T12:00:00Z');
  expect(ago(new Date('2026-01-02T11:59:58Z'), now)).toBe('2 s ago');
  expect(ago(new Date('2026-01-02T11:00:00Z'), now)).toBe('1 h ago');
  expect(ago(new Date('2025-12-31T11:00:00Z'), now)).toBe('2 d ago');
  expect([0, 1023, 1536, 20 * 2 ** 30].map(size)).toEqual(['0 B', '1023 B', '1.5 KiB', '20 GiB']);
});
