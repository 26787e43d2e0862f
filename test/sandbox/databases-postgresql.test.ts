/** PostgreSQL from the distribution under a Django project, related by the newer interface, with a Juju secret. */
import { expect, test } from 'vitest';
import { startTimedLoad } from '../load/timed-load.ts';
import { POSTGRESQL, whyNotInstalled } from '../servers/debian.ts';
import { deployRows, provisions, rows } from '../setup/databases.ts';
import { newModel, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving django-rows on port 8080' };

test('credentials in a Juju secret are followed as they rotate, over TLS where the database wants it', async ({
  skip,
}) => {
  const whyNot = await whyNotInstalled(POSTGRESQL);
  if (whyNot !== undefined) skip(whyNot);
  await using model = await newModel();
  await model.together(async () => {
    await deployRows(model, { wsgi: { database_name: 'shop' } });
    await model.integrate('wsgi:postgresql', 'db:database');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toEqual({
    rows: ['from the migration'],
    database: 'shop',
    user: 'relation-0',
    port: 5432,
    tls: false,
  });
  const [relation] = Object.values(model.state().relations);
  expect(relation?.bags.db?.data['secret-user']).toMatch(/^secret:/);
  expect(JSON.stringify(relation?.bags)).not.toContain('password"');

  await model.unit('db/0').run('rotate-password', { disconnect: true });
  expect(Object.values(model.state().secrets).map(({ latest }) => latest)).toEqual([2]);
  expect(await rows(model)).toMatchObject({ rows: ['from the migration'] });

  // Open connections outlive their password: nobody waits but those who ask while the application starts anew.
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await using load = startTimedLoad(`http://${host}:${port}/`, 100);
  await model.unit('db/0').run('rotate-password');
  const report = await load.stop();
  console.info(`${report.requests.length} requests over a rotation, ${report.failed.length} failed`);
  expect(report.failed).toEqual([]);

  await model.config('db', { tls: 'true' });
  expect(await rows(model)).toMatchObject({ rows: ['from the migration'], tls: true });
  expect(await provisions(model)).toBe(1);
  expect(await statusOf(model)).toEqual(SERVING);
});
