import { expect, test } from 'vitest';
import { hold } from './hold.ts';
import { config, failures, relations } from './scenarios.ts';
import { beforeAll } from './setups.ts';

test('deploy, config, actions, relations and failures as a real Juju was seen to do them', async () => {
  const [first, second, third] = await hold(beforeAll, [config, relations, failures]);
  expect(first?.differences).toEqual([]);
  expect(second?.differences).toEqual([]);
  expect(third?.differences).toEqual([]);
  expect(second?.compared.events).toBeGreaterThan(100);
}, 900_000);
