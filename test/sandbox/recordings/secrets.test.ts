import { expect, test } from 'vitest';
import { hold } from './hold.ts';
import { edges, leadership, secrets } from './scenarios.ts';
import { beforeEdges, beforeLeadership, beforeSecrets } from './setups.ts';

test('leadership and peers as a real Juju was seen to have them', async () => {
  const [held] = await hold(beforeLeadership, [leadership]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.events).toBeGreaterThan(30);
}, 900_000);

test('secrets as a real Juju was seen to keep them', async () => {
  const [held] = await hold(beforeSecrets, [secrets]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.ops).toBeGreaterThan(20);
}, 900_000);

test('odd ports, statuses and values as a real Juju was seen to take them', async () => {
  const [held] = await hold(beforeEdges, [edges]);
  expect(held?.differences).toEqual([]);
  expect(held?.compared.ops).toBeGreaterThan(50);
}, 900_000);
