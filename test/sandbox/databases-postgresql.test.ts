/** PostgreSQL from the distribution under a Django project, related by the newer interface, with a Juju secret. */
import { expect, test } from 'vitest';
import { startTimedLoad, type TimedReport } from '../load/timed-load.ts';
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
    await deployRows(model, { wsgi: { database_name: 'shop', environment_variables: 'SPARE_DATABASE=yes' } });
    await model.integrate('wsgi:postgresql', 'db:database');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  const provisioned = await provisions(model);
  expect(await rows(model)).toEqual({
    rows: ['from the migration'],
    database: 'shop',
    user: 'relation-1',
    port: 5432,
    tls: false,
  });
  const relation = Object.values(model.state().relations).find(({ bags }) => bags.db !== undefined);
  expect(relation?.bags.db?.data['secret-user']).toMatch(/^secret:/);
  expect(JSON.stringify(relation?.bags)).not.toContain('password"');

  // Ended connections are not opened again with the old password: who asks before the application starts anew is refused.
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await using first = startTimedLoad(`http://${host}:${port}/`, 100);
  await model.unit('db/0').run('rotate-password', { disconnect: true });
  const followed = Date.now();
  expect(Object.values(model.state().secrets).map(({ latest }) => latest)).toEqual([2]);
  for (let count = 0; count < 10; count += 1) expect(await rows(model)).toMatchObject({ rows: ['from the migration'] });
  tell('connections ended', await first.stop(), followed);

  // Open connections outlive their password: nobody waits but those who ask while the application starts anew.
  await using second = startTimedLoad(`http://${host}:${port}/`, 100);
  const before = Date.now();
  await model.unit('db/0').run('rotate-password');
  tell('connections kept', await second.stop(), before);

  await model.config('db', { tls: 'true' });
  expect(await rows(model)).toMatchObject({ rows: ['from the migration'], tls: true });
  expect(await provisions(model)).toBe(provisioned);
  expect(await statusOf(model)).toEqual(SERVING);

  // An application that can do without serves on; one that cannot is in the test of the older interface.
  await model.removeRelation('wsgi:postgresql', 'db:database');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toEqual({ rows: ['from the migration'], database: 'sqlite' });
  expect(await provisions(model)).toBe(provisioned + 1);
});

/** Says what a rotation cost, and that none of it came after a moment. */
function tell(what: string, { requests, failed }: TimedReport, after: number): void {
  console.info(`a password rotated, ${what}: ${requests.length} requests, ${failed.length} failed`);
  expect(failed.filter(({ start }) => start > after)).toEqual([]);
}
