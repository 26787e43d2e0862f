/** Handlers in Python beside the layer's own, with charms.reactive from its package in charge of both. */
import { mkdtempDisposable, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { buildOf, deployMysite, invoked, pythonCharm, served } from '../setup/python-charm.ts';
import { newModel, page } from '../setup/wsgi-model.ts';

let charm: string;
beforeAll(async () => {
  charm = await pythonCharm();
});

test('a unit lives: deployed from the resource, asked, moved, given new code, removed', async () => {
  await using model = await newModel();
  await deployMysite(model, charm);
  expect(await served(model)).toMatchObject({ page: 'one', status: 'active: WSGI service running' });

  await model.config('mysite', { port: '8081' });
  expect(await page(model, '/', { unit: 'mysite/0', port: 8081 })).toBe('one');

  await model.config('mysite', { wsgi_module: 'nope:application' });
  expect((await served(model)).status).toBe(
    'blocked: wsgi_module: nope:application is not in /srv; found: wsgi.py (application)',
  );
  await model.config('mysite', { wsgi_module: 'wsgi:application', port: '8080' });

  await model.attachResource('mysite', 'build', await buildOf('two'));
  expect(await served(model)).toMatchObject({ page: 'two', status: 'active: WSGI service running' });

  const { host, port } = await model.unit('mysite/0').endpoint(8080);
  await model.removeUnit('mysite/0');
  await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow();
});

test('hooks in which an author says again that the source is there restart nothing', async () => {
  await using model = await newModel();
  await deployMysite(model, charm);
  const before = await served(model);
  const since = model.log().length;
  for (let hook = 0; hook < 3; hook++) await model.advance('5m');
  expect(invoked(model, since).filter((name) => name === 'update')).toHaveLength(3);
  expect(invoked(model, since)).not.toContain('wsgi_converge');
  expect(await served(model)).toEqual(before);
});

test('an archive that is refused leaves the application as it was, and the next one mends it', async () => {
  await using model = await newModel();
  await deployMysite(model, charm);
  const { process } = await served(model);
  await using folder = await mkdtempDisposable(join(tmpdir(), 'layer-wsgi-'));
  await writeFile(join(folder.path, 'build.tar.gz'), 'no archive');
  await model.attachResource('mysite', 'build', join(folder.path, 'build.tar.gz'));
  expect(await served(model)).toMatchObject({ page: 'one', process });
  expect((await served(model)).status).toMatch(/^blocked: build resource: /);
  await model.attachResource('mysite', 'build', await buildOf('two'));
  expect(await served(model)).toMatchObject({ page: 'two', status: 'active: WSGI service running' });
});

test("templates of the author's are filled in place of the layer's, and a mistake in one leaves the application as it was", async () => {
  const own = async (name: string, line: string) => {
    const path = `templates/${name}.hbs`;
    return [path, `${await readFile(join(PROJECT, path), 'utf8')}${line}\n`] as const;
  };
  const files = Object.fromEntries([
    await own('gunicorn3.service', '# by mysite for {{owner}}'),
    await own('gunicorn3.socket', '# by mysite for port {{listen.[0]}}'),
    await own('gunicorn.conf.py', '# by mysite for gunicorn'),
    await own('gunicorn3-run.py', '# by mysite for the launcher'),
  ]);
  await using model = await newModel();
  await deployMysite(model, await pythonCharm({ files }));
  const { results } = await model
    .unit('mysite/0')
    .exec('grep -rhs "^# by mysite" "$WSGI_ROOT/etc/gunicorn3" "$WSGI_ROOT/etc/systemd" | sort');
  expect(String(results.stdout).trim().split('\n')).toEqual([
    '# by mysite for gunicorn',
    '# by mysite for mysite/0',
    '# by mysite for port 0.0.0.0:8080',
    '# by mysite for the launcher',
  ]);
  expect(await served(model)).toMatchObject({ page: 'one', status: 'active: WSGI service running' });

  const { process } = await served(model);
  const broken = { 'templates/gunicorn3.service.hbs': '{{#if trial}}[Service]\n' };
  await model.refresh('mysite', { path: await pythonCharm({ files: broken }) });
  expect(await served(model)).toMatchObject({ page: 'one', process });
  expect((await served(model)).status).toMatch(/^blocked: templates\/gunicorn3\.service\.hbs: Parse error on line 2/);
});
