/** A unit that leaves: Juju takes its relations and answers, and the machine is to be left as it was found. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Charm, loadCharm, run, type State, state } from '../../packages/charm-testing/index.ts';

let charm: Charm;
/** Serving, with a proxy in front. */
let served: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const proxy = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } };
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config: { settle_time: 0 }, relations: [proxy] }));
});

const GONE = 'ERROR unit "wsgi/0" not found (not found)';
const TOOLS = [
  'application-version-set',
  'close-port',
  'config-get',
  'goal-state',
  'is-leader',
  'juju-log',
  'leader-get',
  'network-get',
  'opened-ports',
  'relation-get',
  'relation-ids',
  'relation-list',
  'relation-set',
  'status-get',
  'status-set',
];

describe.each(['stop', 'remove'])('%s', (hook) => {
  const isClean = (world: State) => {
    expect(world.services['gunicorn3.service']?.active ?? false).toBe(false);
    if (hook === 'remove') expect(world.files['/etc/systemd/system/gunicorn3.service']).toBeUndefined();
  };

  it.each(TOOLS)('ends well where %s fails, and clears the machine', async (tool) => {
    const failingTools = { [tool]: GONE };
    isClean(await run(charm, hook, { ...served, interrupted: true }, { failingTools }));
  });

  it('ends well where Juju answers nothing at all', async () => {
    const failingTools = Object.fromEntries(TOOLS.map((tool) => [tool, GONE]));
    isClean(await run(charm, hook, { ...served, interrupted: true }, { failingTools }));
  });
});
