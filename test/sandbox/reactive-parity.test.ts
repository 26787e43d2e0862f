import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CharmsReactive } from '../reactive-parity/charms-reactive.ts';
import { runProgram } from '../reactive-parity/engine.ts';
import { program } from '../reactive-parity/program.ts';

/** More programs, or the same ones again: REACTIVE_PARITY_RUNS=10000 REACTIVE_PARITY_SEED=1234. */
const numRuns = Number(process.env.REACTIVE_PARITY_RUNS ?? 500);
/** Other programs in each run, named in the title of the test. */
const seed = Number(process.env.REACTIVE_PARITY_SEED ?? randomInt(2 ** 31));

let original: CharmsReactive;
beforeAll(async () => {
  original = await CharmsReactive.start();
});
afterAll(() => original.stop());

test(`random programs run as with charms.reactive (${numRuns} programs, seed ${seed})`, {
  timeout: numRuns * 2_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(program, async (random) => {
      const [ours, theirs] = await Promise.all([runProgram(random), original.run(random)]);
      expect(ours).toEqual(theirs);
    }),
    { numRuns, seed, endOnFailure: false },
  );
});
