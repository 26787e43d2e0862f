/** Hooks that do not come to look at the source, while an author's handlers say in each that it is there. */
import { beforeAll, expect, test } from 'vitest';
import {
  type Charm,
  loadCharm,
  type Outcome,
  run,
  type StateInput,
  state,
} from '../../packages/charm-testing/index.ts';

let charm: Charm;
let served: Outcome;
beforeAll(async () => {
  const composed = await loadCharm('packages/charm-build/skeleton');
  charm = { ...composed, hook: (io) => composed.hook({ ...io, env: { ...io.env, REACTIVE_TRACE: '1' } }) };
  served = await run(charm, 'install', state());
});

const looks = ({ debug }: Outcome) => debug.join('\n').match(/^ +wsgi\.converge ran$/gm)?.length;

test.each(['stop', 'remove'])('%s is done once', async (event) => {
  const after = await run(charm, event, served);
  expect(looks(after)).toBe(1);
  expect(after.services['gunicorn3.service']?.active ?? false).toBe(false);
});

const UNREACHABLE = { code: 100, stderr: 'E: Failed to fetch http://deb.example/x  Could not resolve the name\n' };
test.each<[string, StateInput]>([
  ['an option that is wrong', { config: { port: 70000 } }],
  ['packages that cannot be had', { config: { apt_dependencies: 'libpq5' }, programs: { 'apt-get': UNREACHABLE } }],
])('%s is met once a hook, and the source served in the one in which it is mended', async (_, change) => {
  const deployed = await run(charm, 'install', state(change));
  expect(looks(deployed)).toBe(1);
  const later = await run(charm, 'update-status', deployed);
  expect(looks(later)).toBe(1);
  expect(later.status.status).not.toBe('active');
  const mended = await run(charm, 'config-changed', { ...later, config: {}, programs: {} });
  expect(mended.status).toEqual({ status: 'active', message: 'Saying Hello' });
  expect(Object.keys(mended.flags)).not.toContain('wsgi.source.available');
});
