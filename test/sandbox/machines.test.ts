import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { deployWsgi, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

test('two units of one application serve side by side, on machines of their own', async () => {
  await using model = await newModel();
  await deployWsgi(model, {}, { units: 2 });
  expect(await page(model)).toBe('It works! Revision 1');
  expect(await page(model, '/', { unit: 'wsgi/1' })).toBe('It works! Revision 1');
});

test('a second charm of this kind on one machine says whose the service is, and serves once that one is gone', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  await model.deploy(inject('charm'), { application: 'other', config: { port: '8090', ...QUICK }, to: ['0'] });
  expect(await statusOf(model, 'other/0')).toEqual({
    current: 'blocked',
    message: 'gunicorn3.service belongs to wsgi/0; use another machine, or remove that unit',
  });
  expect(await page(model)).toBe('It works! Revision 1');

  await model.removeUnit('wsgi/0');
  await model.advance('5m');
  expect(await statusOf(model, 'other/0')).toMatchObject({ current: 'active' });
  expect(await page(model, '/', { unit: 'other/0', port: 8090 })).toBe('It works! Revision 1');
});

test('a port that somebody else holds is named with its holder, and taken once it is free', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  const { host } = await model.unit('wsgi/0').endpoint(8080);
  const other = createServer();
  await new Promise<void>((listening) => other.listen(8099, host, listening));

  await model.config('wsgi', { port: '8099' });
  const { current, message } = await statusOf(model);
  expect(current).toBe('blocked');
  expect(message).toMatch(/^port: 8099 is taken by .*; choose another, or stop it$/);
  expect(await page(model)).toBe('It works! Revision 1');

  await new Promise((closed) => other.close(closed));
  await model.advance('5m');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8099' });
  expect(await page(model, '/', { port: 8099 })).toBe('It works! Revision 1');
});

test('a broken wsgi.yaml is named with its mistake, and the unit serves on', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  const refreshed = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-broken-')), 'charm');
  await cp(inject('charm'), refreshed, { recursive: true });
  const good = await readFile(join(refreshed, 'wsgi.yaml'), 'utf8');
  for (const [text, says] of [
    ['application_root: [', /^wsgi\.yaml is not YAML/],
    ['application_root: etc\n', /^wsgi\.yaml: application_root: /],
    ['username: root\n', /^wsgi\.yaml: username: /],
  ] as const) {
    await writeFile(join(refreshed, 'wsgi.yaml'), text);
    await model.refresh('wsgi', { path: refreshed });
    expect(await statusOf(model)).toMatchObject({ current: 'blocked', message: expect.stringMatching(says) });
    expect(await page(model)).toBe('It works! Revision 1');
  }
  await writeFile(join(refreshed, 'wsgi.yaml'), good);
  await model.refresh('wsgi', { path: refreshed });
  expect(await statusOf(model)).toMatchObject({ current: 'active' });
});

test('a file where a directory should be is named, and the unit deploys once it is moved away', async () => {
  await using model = await newModel();
  await deployWsgi(model, { wsgi_module: '' });
  const { rootOnHost } = await model.machine('0');
  await mkdir(join(rootOnHost, 'opt/gunicorn3'), { recursive: true });
  await rm(join(rootOnHost, 'opt/gunicorn3/venvs'), { recursive: true, force: true });
  await writeFile(join(rootOnHost, 'opt/gunicorn3/venvs'), '');
  await model.config('wsgi', { wsgi_module: 'wsgi:application' });
  expect(await statusOf(model)).toMatchObject({
    current: 'blocked',
    message: expect.stringMatching(/\/opt\/gunicorn3\/venvs is a file where a directory should be; move it away/),
  });
  await rm(join(rootOnHost, 'opt/gunicorn3/venvs'));
  await model.advance('5m');
  expect(await page(model)).toBe('It works! Revision 1');
});

test('a service that somebody stopped by hand is reported and not started', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  const machine = await model.machine('0');
  const systemctl = (...args: string[]) =>
    machine.exec(['systemctl', ...args], { env: { PATH: machine.hookPath, ...machine.hookEnv } });
  await systemctl('stop', 'gunicorn3.service');
  await model.advance('5m');
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: 'gunicorn3.service was stopped by hand; start it with systemctl start gunicorn3.service',
  });
  await systemctl('start', 'gunicorn3.service');
  await model.advance('5m');
  expect(await statusOf(model)).toMatchObject({ current: 'active' });
  expect(await page(model)).toBe('It works! Revision 1');
});

test('a rebooted machine serves before any hook runs', async () => {
  await using model = await newModel();
  await deployWsgi(model);
  const machine = await model.machine('0');
  await machine.reboot();
  await expect.poll(() => page(model).catch(String), { timeout: 20_000 }).toBe('It works! Revision 1');
});
