import fc from 'fast-check';
import { expect, test } from 'vitest';
import { within } from './subnets.ts';

test.each([
  [['10.0.0.5/32'], ['10.0.0.0/24'], true],
  [['10.0.0.5'], ['10.0.0.5/32'], true],
  [['10.0.0.5/32'], ['10.0.0.5/32'], true],
  [['10.0.0.0/16'], ['10.0.0.0/24'], false],
  [['10.0.1.5/32'], ['10.0.0.0/24'], false],
  [['10.0.0.5/32', '10.1.0.5/32'], ['10.0.0.0/24'], false],
  [['10.0.0.5/32', '10.1.0.5/32'], ['10.0.0.0/24', '10.1.0.0/16'], true],
  [['fd00::5/128'], ['fd00::/8'], true],
  [['10.0.0.5/32'], ['::/0'], false],
  [['10.0.0.5/32'], ['0.0.0.0/0'], true],
  [[], ['0.0.0.0/0'], false],
  [['10.0.0.5/32'], [], false],
  [['10.0.0.5/32'], ['10.0.0.0/33', 'nonsense', '10.0.0.0/', '10.0.0.0/2/4'], false],
  [['nonsense'], ['0.0.0.0/0'], false],
])('%j within %j: %s', (subnets, allowed, expected) => {
  expect(within(subnets, allowed)).toBe(expected);
});

test('an IPv4 address is within a subnet when the first bits are the same', () => {
  const address = fc.nat(2 ** 32 - 1);
  fc.assert(
    fc.property(address, address, fc.integer({ min: 0, max: 32 }), (a, b, prefix) => {
      const same = prefix === 0 || a >>> (32 - prefix) === b >>> (32 - prefix);
      expect(within([`${dotted(a)}/32`], [`${dotted(b)}/${prefix}`])).toBe(same);
    }),
  );
});

const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
