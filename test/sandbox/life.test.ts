import { expect, test } from 'vitest';
import { deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

test('a unit lives: deployed, asked, moved to another port, broken, mended, upgraded, removed', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  expect(await page(model)).toBe('It works! Revision 1');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });

  await model.config('wsgi', { port: '8081' });
  expect(await page(model, '/', { port: 8081 })).toBe('It works! Revision 1');

  await model.config('wsgi', { wsgi_module: 'nope:application' });
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'wsgi_module: nope:application is not in this build; found: wsgi.py (application)',
  });
  expect(await page(model, '/', { port: 8081 })).toBe('It works! Revision 1');

  await model.config('wsgi', { wsgi_module: 'wsgi:application' });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8081' });

  await model.config('wsgi', { build_label: 'r2' });
  expect(await page(model, '/', { port: 8081 })).toBe('It works! Revision 2');

  await model.advance('5m');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r2 on port 8081' });

  const { host, port } = await model.unit('wsgi/0').endpoint(8081);
  await model.removeUnit('wsgi/0');
  await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow();
});
