import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wheelsFor } from '../../../test/servers/wheels.ts';
import { exampleCharm, starts } from '../../../test/setup/example-charm.ts';
import { EXAMPLES, FROM_WHEELS } from '../../../test/setup/fixture-build.ts';
import { newModel, page, QUICK, statusOf } from '../../../test/setup/wsgi-model.ts';

const UNIT = 'site/0';

test('the site is served, and restarted once by an option that changes its file', async () => {
  await using model = await newModel();
  const charm = await exampleCharm('django-site');
  const wheels = await wheelsFor(join(EXAMPLES, 'django-site/app/requirements.txt'));
  await cp(wheels, join(charm, 'app/wheels'), { recursive: true });
  const config = { port: '8080', ...QUICK, ...FROM_WHEELS };
  await model.deploy(charm, { application: 'site', config });
  expect(await statusOf(model, UNIT)).toMatchObject({ current: 'active' });
  expect(await page(model, '/', { unit: UNIT })).toBe('Visit 1');
  expect(await starts(model, UNIT)).toBe(1);

  await model.config('site', { announcement: 'Open on Sunday' });
  expect(await page(model, '/', { unit: UNIT })).toBe('Open on Sunday\nVisit 2');
  expect(await starts(model, UNIT)).toBe(2);
  const { rootOnHost } = await model.unit(UNIT).machine();
  const file = JSON.parse(await readFile(join(rootOnHost, 'etc/django-site/site.json'), 'utf8'));
  expect(file).toEqual({ announcement: 'Open on Sunday' });

  // Options that neither the file nor the service has anything of, and hooks that bring nothing.
  await model.config('site', { nagios_index_path: '/health' });
  await model.config('site', { announcement: 'Open on Sunday' });
  await model.advance('5m');
  expect(await starts(model, UNIT)).toBe(2);
  expect(await page(model, '/', { unit: UNIT })).toBe('Open on Sunday\nVisit 3');
});
