/** A fleet of mixed Debians behind HAProxy, and a client that loses nothing in whatever its operators do. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NEXT } from '../setup/next-unit-file.ts';
import { type RealFleet, realFleet } from '../setup/real-fleet.ts';
import { NOT_ROOT, outputOf } from '../setup/real-machines.ts';
import { statusOf } from '../setup/wsgi-model.ts';

const serving = (label: string, more = '') => Array.from({ length: 3 }, () => `serving ${label} on port 8080${more}`);
const MISPLACED = 'build misplaced does not start: RuntimeError: not in this place';
const HALTED = `release halted: wsgi/0: ${MISPLACED}; c serves`;

/** What each unit says after a change, and what clients may have been answered in it. */
const COMES_TO: Readonly<Record<string, readonly [readonly string[], readonly string[]]>> = {
  "the document's rolling upgrade": [serving('b'), ['a', 'b']],
  'a build, one by one': [serving('c'), ['b', 'c']],
  'a build that does not start in its place': [[HALTED, HALTED, HALTED], ['c']],
  'a build, as a canary': [
    [
      ...serving('d', '; canary: promote-release or halt-release').slice(2),
      ...serving('c', '; d is ready and waits for its turn').slice(1),
    ],
    ['c', 'd'],
  ],
  'promote-release': [serving('d'), ['c', 'd']],
  'a rotated password': [serving('d'), ['d']],
  'a refresh': [serving('d'), ['d']],
};

describe.skipIf(NOT_ROOT)('while clients ask three units of bookworm and trixie through HAProxy', () => {
  let fleet: RealFleet;
  beforeAll(async () => {
    fleet = await realFleet();
  });
  afterAll(() => fleet?.[Symbol.asyncDispose]());

  const onAll = async (script: string) => {
    const { model } = fleet;
    return Promise.all(model.units('wsgi').map(async (unit) => outputOf(await model.unit(unit).machine(), script)));
  };

  test.each(Object.entries(COMES_TO))('%s: none is lost', async (name, [messages, bodies]) => {
    const { model, changes } = fleet;
    const change = changes[name];
    if (change === undefined) throw new Error(`no change ${name}`);
    const { failed, requests } = await fleet.during(change);
    expect(failed).toEqual([]);
    const statuses = await Promise.all(model.units('wsgi').map((unit) => statusOf(model, unit)));
    expect(statuses.map(({ message }) => message)).toEqual(messages);
    expect([...new Set(requests.map(({ body }) => body))].sort()).toEqual(bodies);
  });

  test('the new password and the new unit file have come to every unit', async () => {
    await onAll('cat /etc/gunicorn3/environment-* | grep -q :another@');
    await onAll(`grep -qx ${NEXT} /etc/systemd/system/gunicorn3.service`);
  });
});
