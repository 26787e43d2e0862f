import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCharm, run, state } from 'layer-wsgi/testing';

const charm = await loadCharm('.');
/** Nothing really runs in a test, so there is nothing to watch after it has started. */
const config = { settle_time: 0 };

test('the greeting reaches the application', async () => {
  const after = await run(charm, 'install', state({ config: { ...config, greeting: 'Hej' } }));
  assert.equal(after.services['gunicorn3.service']?.environment?.GREETING, 'Hej');
  assert.deepEqual(after.status, { status: 'active', message: 'Saying Hej' });
});

test('a port that is none is said, and the site goes on', async () => {
  const before = await run(charm, 'install', state({ config }));
  const after = await run(charm, 'config-changed', { ...before, config: { ...config, port: 70000 } });
  assert.equal(after.status?.status, 'blocked');
  assert.match(after.status?.message ?? '', /^port: /);
  assert.equal(after.services['gunicorn3.service']?.active, true);
});
