import { expect, test } from 'vitest';
import { hold } from './hold.ts';
import { subordinate } from './scenarios.ts';
import { beforeSubordinate } from './setups.ts';

test('subordinates as a real Juju was seen to place them', async () => {
  const [held] = await hold(beforeSubordinate, [subordinate]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.events).toBeGreaterThan(200);
}, 900_000);
