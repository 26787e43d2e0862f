import { expect, it } from 'vitest';
import { run, state } from '../../packages/charm-testing/index.ts';
import { serving } from '../../packages/charm-testing/small-charm.fixture.ts';

const before = state({ relations: [{ id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } }] });

it('the same test runs on the sandbox, with real processes', async () => {
  const simulated = await run(serving, 'config-changed', before);
  const real = await run(serving, 'config-changed', before, { machine: 'sandbox' });
  const { status, ports, flags, relations } = simulated;
  expect(real).toMatchObject({ status, ports, flags, relations, users: ['web'] });
  expect(real.services['web.service']).toMatchObject({ active: true, environment: { PORT: '80' } });
  expect(real.packages.nginx).toBeDefined();
});

it('what ran in the state before runs when the next hook begins', async () => {
  const first = await run(serving, 'config-changed', before, { machine: 'sandbox' });
  const second = await run(serving, 'update-status', first, { machine: 'sandbox' });
  expect(second.ran.map(({ program, args }) => [program, ...args].join(' '))).not.toContain('systemctl start -- web');
  expect(second.services['web.service']?.active).toBe(true);
  expect(second.files['/srv/web/index.html']).toBe('Hello\n');
});

it('says when a service of the state does not start', async () => {
  const impossible = state({ services: { 'nosuch.service': { active: true } } });
  await expect(run(serving, 'config-changed', impossible, { machine: 'sandbox' })).rejects.toThrow(
    'services: nosuch.service should be active, and does not start',
  );
});
