/** User secrets of Juju in the environment of an application that runs. */
import { expect, test } from 'vitest';
import { startTimedLoad } from '../load/timed-load.ts';
import { outputOf } from '../setup/real-machines.ts';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving s on port 8080' };

test('a secret is granted, followed to its next revision with no request lost, and told to nobody', async () => {
  await using model = await newModel();
  const build = await archiveOf({
    BUILD_LABEL: 's',
    'wsgi.py': answering("os.environ.get('TOKEN', '-') + ' ' + os.environ.get('DB_KEY', '-')"),
  });
  await deployWsgi(model, {}, { resources: { build } });
  const token = await model.addSecret('site-token', { token: 'marked-token-1', user: 'marked-user' });
  const keys = await model.addSecret('keys', { 'db-key': 'marked-key' });
  const id = token.replace('secret:', '');
  await model.config('wsgi', {
    environment_variables: `TOKEN=secret://${id}/token`,
    environment_secrets: keys,
  });
  expect(await statusOf(model)).toEqual({
    current: 'blocked',
    message: `environment_secrets: secret ${keys.replace('secret:', '')} is not granted: juju grant-secret ${keys.replace('secret:', '')} wsgi`,
  });
  expect(await page(model)).toBe('- -');

  await model.grantSecret('keys', 'wsgi');
  await model.grantSecret('site-token', 'wsgi');
  // Juju runs no hook for it: the next one comes within five minutes.
  expect(await page(model)).toBe('- -');
  await model.advance('6m');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await page(model)).toBe('marked-token-1 marked-key');

  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await using load = startTimedLoad(`http://${host}:${port}/`, 50);
  await model.updateSecret('site-token', { token: 'marked-token-2', user: 'marked-user' });
  expect(await page(model)).toBe('marked-token-2 marked-key');
  const report = await load.stop();
  expect(report.failed).toEqual([]);
  expect(report.requests.at(-1)?.body).toBe('marked-token-2 marked-key');

  await model.run('wsgi/0', 'show-environment');
  const machine = await model.unit('wsgi/0').machine();
  const told = [
    JSON.stringify(model.state().operations),
    JSON.stringify(model.state().units),
    await outputOf(machine, 'journalctl --no-pager'),
    await outputOf(machine, 'systemctl cat gunicorn3.service'),
  ].join('\n');
  expect(told).toContain('DB_KEY');
  expect(told).not.toContain('marked-');
});
