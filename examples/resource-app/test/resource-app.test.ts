import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { exampleCharm, starts } from '../../../test/setup/example-charm.ts';
import { answering, archiveOf, newModel, page, QUICK, statusOf } from '../../../test/setup/wsgi-model.ts';

const UNIT = 'app/0';

test('what is attached is served, and what is attached next; the same once more restarts nothing', async () => {
  await using model = await newModel();
  await model.deploy(await exampleCharm('resource-app'), { application: 'app', config: { port: '8080', ...QUICK } });
  expect(await statusOf(model, UNIT)).toEqual({
    current: 'waiting',
    message: 'no application yet: attach one, as in juju attach-resource app build=FILE',
  });

  await model.attachResource('app', 'build', await archiveOf({ 'wsgi.py': answering("'one'") }));
  expect(await statusOf(model, UNIT)).toMatchObject({ current: 'active' });
  expect(await page(model, '/', { unit: UNIT })).toBe('one');
  expect(await starts(model, UNIT)).toBe(1);

  const two = await archiveOf({ 'wsgi.py': answering("'two'") });
  await model.attachResource('app', 'build', two);
  expect(await page(model, '/', { unit: UNIT })).toBe('two');
  expect(await starts(model, UNIT)).toBe(2);

  await model.attachResource('app', 'build', two);
  await model.advance('5m');
  expect(await starts(model, UNIT)).toBe(2);

  // Somebody removes the code: the next hook unpacks it again, and starts the service in it.
  const { rootOnHost } = await model.machine('0');
  await rm(join(rootOnHost, 'srv/resource-app'), { recursive: true });
  await model.advance('5m');
  expect(await statusOf(model, UNIT)).toMatchObject({ current: 'active' });
  expect(await page(model, '/', { unit: UNIT })).toBe('two');
  expect(await starts(model, UNIT)).toBe(3);

  await model.attachResource('app', 'build', await archiveOf({ 'wsgi.py': "raise ImportError('half')\n" }));
  expect(await statusOf(model, UNIT)).toMatchObject({
    current: 'blocked',
    message: expect.stringContaining('does not start: ImportError: half'),
  });
  expect(await page(model, '/', { unit: UNIT })).toBe('two');
});
