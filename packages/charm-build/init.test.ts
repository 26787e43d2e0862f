import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadCharm, run, state } from '../charm-testing/index.ts';
import { skeletonFiles } from './init.ts';
import { writeTree } from './tree.ts';

test('a new charm has a worker and its test where that is asked for, and else not', async () => {
  const plain = [...(await skeletonFiles()).keys()];
  const added = [...(await skeletonFiles(['worker'])).keys()].filter((path) => !plain.includes(path));
  expect(plain.filter((path) => /worker|Procfile/.test(path))).toEqual([]);
  expect(added.sort()).toEqual(['app/Procfile', 'app/worker.py', 'test/worker.test.ts']);
});

test('its worker runs beside the site, with the same environment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wsgi-charm-init-'));
  try {
    await writeTree(await skeletonFiles(['worker']), folder);
    const charm = await loadCharm(folder);
    const after = await run(charm, 'install', state({ config: { greeting: 'Hej', processes: 'worker=2' } }));
    expect(after.services['wsgi-worker@2.service']).toMatchObject({ active: true, environment: { GREETING: 'Hej' } });
  } finally {
    await rm(folder, { recursive: true });
  }
});
