import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadCharm, run, state } from 'layer-wsgi/testing';

const charm = await loadCharm('.');

test('the worker runs beside the site, with the same environment', async () => {
  const after = await run(charm, 'install', state({ config: { greeting: 'Hej' } }));
  assert.equal(after.services['wsgi-worker@1.service']?.active, true);
  assert.equal(after.services['wsgi-worker@1.service']?.environment?.GREETING, 'Hej');
});

test('there are as many workers as the operator says', async () => {
  const after = await run(charm, 'install', state({ config: { processes: 'worker=2' } }));
  assert.equal(after.services['wsgi-worker@2.service']?.active, true);
});
