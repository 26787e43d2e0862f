/** PostgreSQL from the distribution under a Django project, related by the older interface. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { POSTGRESQL, whyNotInstalled } from '../servers/debian.ts';
import { addRow, deployRows, provisions, rows, statusLines } from '../setup/databases.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { newModel, page, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving django-rows on port 8080' };

test('a Django project lives with a database: related, rotated, failed over, replaced, taken away', async ({
  skip,
}) => {
  const whyNot = await whyNotInstalled(POSTGRESQL);
  if (whyNot !== undefined) skip(whyNot);
  await using model = await newModel();
  await model.together(async () => {
    await deployRows(model);
    await model.integrate('wsgi:postgres', 'db:db');
  });
  expect(statusLines(model)).toContain('waiting: postgres: db has not answered yet');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toEqual({
    rows: ['from the migration'],
    database: 'wsgi',
    user: 'relation-1',
    port: 5432,
    tls: false,
  });
  expect(await provisions(model)).toBe(1);

  await addRow(model, 'a second');
  await model.unit('db/0').run('rotate-password', { disconnect: true });
  expect(await rows(model)).toMatchObject({ rows: ['from the migration', 'a second'], port: 5432 });

  await model.unit('db/0').run('fail-over');
  expect(await statusOf(model, 'db/0')).toEqual({ current: 'active', message: 'primary on 5433, 1 clients' });
  expect(await rows(model)).toMatchObject({ rows: ['from the migration', 'a second'], port: 5433 });
  expect(await provisions(model)).toBe(1);

  await model.deploy(join(EXAMPLES, 'postgresql-provider'), { application: 'db2' });
  await model.integrate('wsgi:postgres', 'db2:db');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toMatchObject({ rows: ['from the migration', 'a second'] });

  await model.removeRelation('wsgi:postgres', 'db:db');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toMatchObject({ rows: ['from the migration'], user: 'relation-2' });
  expect(await provisions(model)).toBe(2);

  await model.removeRelation('wsgi:postgres', 'db2:db');
  expect(await statusOf(model)).toMatchObject({
    current: 'blocked',
    message: expect.stringMatching(/^provision_command: exit code 1: .*ImproperlyConfigured/),
  });
  await expect(page(model)).rejects.toThrow();

  await model.integrate('wsgi:postgres', 'db:db');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await rows(model)).toMatchObject({ rows: ['from the migration', 'a second'], port: 5433 });
});
