/** The gunicorn that the requirements pin, and what the application's own gunicorn.conf.py says. */
import { expect, test } from 'vitest';
import { archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const TELLS =
  "import gunicorn\n\ndef application(environ, start_response):\n    start_response('200 OK', [])\n    return [gunicorn.__version__.encode()]\n";
const build = (label: string, files: Readonly<Record<string, string>>) =>
  archiveOf({ BUILD_LABEL: label, 'wsgi.py': TELLS, ...files });

test('any gunicorn from 20.0 on serves, and an older one is named', async () => {
  await using model = await newModel();
  const own = "daemon = True\npidfile = 'gunicorn.pid'\nuser = 'www-data'\ngroup = 'www-data'\nbind = '0.0.0.0:8000'\n";
  const first = await build('own', { 'gunicorn.conf.py': own, 'requirements.txt': 'gunicorn==20.0.4\n' });
  await deployWsgi(model, {}, { resources: { build: first } });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving own on port 8080' });
  expect(await page(model)).toBe('20.0.4');
  for (const version of ['20.1.0', '21.2.0', '22.0.0', '23.0.0']) {
    const pinned = await build(`g${version}`, { 'requirements.txt': `gunicorn==${version}\n` });
    await model.attachResource('wsgi', 'build', pinned);
    expect(await statusOf(model)).toEqual({ current: 'active', message: `serving g${version} on port 8080` });
    expect(await page(model)).toBe(version);
  }
  const newest = await build('newest', { 'requirements.txt': 'gunicorn\n', 'gunicorn.conf.py': own });
  await model.attachResource('wsgi', 'build', newest);
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving newest on port 8080' });
  expect(Number.parseInt(await page(model), 10)).toBeGreaterThanOrEqual(23);

  await model.attachResource('wsgi', 'build', await build('old', { 'requirements.txt': 'gunicorn==19.9.0\n' }));
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'requirements: gunicorn 19.9.0 is too old for this charm; 20.0 or newer, or leave it out',
  });
});
