/** The example charms on machines that have addresses of their own, as those of a cloud do. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';
import { ferretdb } from '../servers/ferretdb.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { NOT_ROOT, packedCharm } from '../setup/real-machines.ts';
import { answering, archiveOf, QUICK, statusOf } from '../setup/wsgi-model.ts';

/** Milliseconds that the first build of FerretDB takes on a busy computer, and more. */
const BUILD_TIMEOUT = 1_800_000;
const PACKAGES = ['haproxy', 'postgresql'];

describe.skipIf(NOT_ROOT)('an example charm on a machine with an address', () => {
  let model: LocalModel;
  beforeAll(async () => {
    model = await LocalModel.create({
      machine: ({ dir, id }) => NspawnMachine.open(dir, { id, packages: PACKAGES, temporary: true }),
    });
  });
  afterAll(() => model.destroy());

  const example = (name: string, more: { readonly config?: Record<string, string>; readonly to?: string[] } = {}) =>
    model.deploy(join(EXAMPLES, name), { application: name, ...more });
  const active = (message: string) => ({ current: 'active', message });

  test('PostgreSQL serves, and names its primary after a fail-over', async () => {
    await example('postgresql-provider');
    expect(await statusOf(model, 'postgresql-provider/0')).toEqual(active('primary on 5432, 0 clients'));
    await model.unit('postgresql-provider/0').run('fail-over');
    expect(await statusOf(model, 'postgresql-provider/0')).toEqual(active('primary on 5433, 0 clients'));
  });

  test('FerretDB serves', { timeout: BUILD_TIMEOUT }, async ({ skip }) => {
    const server = await ferretdb();
    if ('whyNot' in server) skip(server.whyNot);
    else await cp(server.program, join((await model.machine('0')).rootOnHost, 'usr/local/bin/ferretdb'));
    await example('mongodb-provider', { config: { ferretdb: '/usr/local/bin/ferretdb' }, to: ['0'] });
    expect(await statusOf(model, 'mongodb-provider/0')).toEqual(active('serving on 27017'));
  });

  test('HAProxy reaches the application, which a gunicorn subordinate takes over', async () => {
    await example('haproxy-provider', { config: { port: '8000' }, to: ['0'] });
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK },
      resources: { build: await archiveOf({ BUILD_LABEL: 'one', 'wsgi.py': answering("'here'") }) },
    });
    await model.integrate('wsgi:website', 'haproxy-provider:reverseproxy');
    expect(await statusOf(model, 'haproxy-provider/0')).toEqual(active('serving on 8000, 1 servers'));
    const { address } = await model.machine('0');
    const page = async () => (await fetch(`http://${address}:8000/`)).text();
    expect(await page()).toBe('here');

    await example('gunicorn-subordinate');
    await model.integrate('wsgi:wsgi-file', 'gunicorn-subordinate:wsgi-file');
    expect(await statusOf(model, 'gunicorn-subordinate/0')).toEqual(active('wsgi:application of wsgi on port 8080'));
    expect(await page()).toBe('here');
  });
});
