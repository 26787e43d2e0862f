import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCharm, run, state } from 'layer-wsgi/testing';

const charm = await loadCharm('.');

test('the greeting reaches the application', async () => {
  const after = await run(charm, 'install', state({ config: { greeting: 'Hej' } }));
  assert.equal(after.services['gunicorn3.service']?.environment?.GREETING, 'Hej');
  assert.deepEqual(after.status, { status: 'active', message: 'Saying Hej' });
});

test('a port that is none is said, and the site goes on', async () => {
  const before = await run(charm, 'install', state());
  const after = await run(charm, 'config-changed', { ...before, config: { port: 70000 } });
  assert.equal(after.status?.status, 'blocked');
  assert.match(after.status?.message ?? '', /^port: /);
  assert.equal(after.services['gunicorn3.service']?.active, true);
});
