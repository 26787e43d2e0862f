/** What somebody changed by hand is put right by the next hook that looks, update-status included. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  relationCreated,
  run,
  state,
} from '../../../packages/charm-testing/index.ts';

const UNIT = '/etc/systemd/system/gunicorn3.service';
const SOCKET = '/etc/systemd/system/gunicorn3-80.socket';

let charm: Charm;
let served: Outcome;
beforeAll(async () => {
  charm = await loadCharm('.');
  const website = { id: 'website:1', remoteApp: 'haproxy', remoteUnits: {} };
  const installed = await run(
    charm,
    'install',
    state({ unit: 'wsgi/0', config: { settle_time: 0 }, relations: [website] }),
  );
  served = await run(charm, relationCreated('website:1'), installed);
  expect(served.relations[0]?.localUnitData).toMatchObject({ port: '80' });
});

const textOf = (world: Outcome, path: string) => String(world.files[path]);
const logged = (world: Outcome) => world.log.map(({ message }) => message).join('\n');

describe.each([
  ['User=root in the unit', UNIT, (text: string) => text.replace(/^User=.*$/m, 'User=root')],
  ['another port in the socket', SOCKET, (text: string) => text.replace('0.0.0.0:80', '0.0.0.0:81')],
])('%s', (_, path, change) => {
  test('goes, and the log says so', async () => {
    const files = { ...served.files, [path]: change(textOf(served, path)) };
    expect(files[path]).not.toBe(textOf(served, path));
    const after = await run(charm, 'update-status', { ...served, files });
    expect(textOf(after, path)).toBe(textOf(served, path));
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
    expect(logged(after)).toContain(`${path} was changed by hand`);
  });
});

test('a socket unit that was removed comes back', async () => {
  const { [SOCKET]: removed, ...files } = served.files;
  const after = await run(charm, 'update-status', { ...served, files });
  expect(textOf(after, SOCKET)).toBe(String(removed));
  expect(after.status).toMatchObject({ status: 'active' });
});

test('an application that no longer answers is not shown active, and leaves website, and comes back to it', async () => {
  const service = { ...served.services['gunicorn3.service'], active: true, enabled: true };
  const world = (http: number | 'silent') => ({
    ...served,
    services: { ...served.services, 'gunicorn3.service': { ...service, http } },
  });
  const after = await run(charm, 'start', world('silent'));
  expect(after.status).toMatchObject({
    status: 'blocked',
    message: expect.stringMatching(/^gunicorn3.service runs and does not serve: no answer on \/ within 5 s/),
  });
  expect(after.relations[0]?.localUnitData).not.toHaveProperty('port');
  const back = await run(charm, 'update-status', { ...after, services: world(200).services });
  expect(back.status).toMatchObject({ status: 'active' });
  expect(back.relations[0]?.localUnitData).toMatchObject({ port: '80' });
});
