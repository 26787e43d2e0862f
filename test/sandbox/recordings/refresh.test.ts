import { expect, test } from 'vitest';
import { hold } from './hold.ts';
import { dispatch, refresh } from './scenarios.ts';
import { beforeAll, beforeRefresh } from './setups.ts';

test('refresh and resources as a real Juju was seen to do them', async () => {
  const [held] = await hold(beforeRefresh, [refresh]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.events).toBeGreaterThan(40);
}, 900_000);

test('dispatch, odd hooks and the log as a real Juju was seen to have them', async () => {
  const [held] = await hold(beforeAll, [dispatch]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.events).toBeGreaterThan(10);
}, 900_000);
