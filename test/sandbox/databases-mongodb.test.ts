/** A server of MongoDB's wire protocol (FerretDB) under a Flask application, by both interfaces and beside PostgreSQL. */
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { z } from 'zod';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { POSTGRESQL, whyNotInstalled } from '../servers/debian.ts';
import { ferretdb } from '../servers/ferretdb.ts';
import { EXAMPLES, FROM_WHEELS, fixtureBuild } from '../setup/fixture-build.ts';
import { newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving flask-mongo on port 8080' };

/** The first run on a computer builds the server, from some hundred modules. */
const timeout = 1_200_000;

test('a Flask application keeps notes in MongoDB, whichever interface gives it, and beside PostgreSQL', {
  timeout,
}, async ({ skip }) => {
  const server = await ferretdb();
  if ('whyNot' in server) return skip(server.whyNot);
  const whyNot = await whyNotInstalled(POSTGRESQL);
  if (whyNot !== undefined) skip(whyNot);
  await using model = await newModel();
  await model.together(async () => {
    await model.deploy(join(EXAMPLES, 'mongodb-provider'), {
      application: 'mongo',
      config: { ferretdb: server.program },
    });
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK, ...FROM_WHEELS },
      resources: { build: await fixtureBuild('flask-mongo') },
    });
    await model.integrate('wsgi:mongo', 'mongo:mongo');
  });
  const { address } = await model.unit('mongo/0').machine();
  expect(await statusOf(model)).toEqual(SERVING);
  await addNote(model, 'by mongodb');
  const url = `mongodb://${address}:27017/wsgi`;
  expect(await notes(model)).toEqual({ notes: ['by mongodb'], database: 'wsgi', DATABASE_URL: url, MONGO_URL: url });

  await model.together(async () => {
    await model.removeRelation('wsgi:mongo', 'mongo:mongo');
    await model.integrate('wsgi:mongodb', 'mongo:database');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  await addNote(model, 'by mongodb_client');
  const withPassword = await notes(model);
  expect(withPassword.notes).toEqual(['by mongodb', 'by mongodb_client']);
  expect(withPassword.MONGO_URL).toMatch(/^mongodb:\/\/relation-2:[0-9a-f]+@[\d.]+:27017\/wsgi\?authMechanism=PLAIN$/);

  await model.unit('mongo/0').run('rotate-password');
  const rotated = await notes(model);
  expect(rotated.notes).toEqual(withPassword.notes);
  expect(rotated.MONGO_URL).not.toBe(withPassword.MONGO_URL);

  await model.together(async () => {
    await model.deploy(join(EXAMPLES, 'postgresql-provider'), { application: 'db' });
    await model.integrate('wsgi:postgresql', 'db:database');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await notes(model)).toEqual({
    ...rotated,
    DATABASE_URL: expect.stringMatching(/^postgresql:\/\/relation-3:/),
  });
});

const Notes = z.object({
  notes: z.array(z.string()),
  database: z.string(),
  DATABASE_URL: z.string(),
  MONGO_URL: z.string(),
});

async function notes(model: LocalModel): Promise<z.infer<typeof Notes>> {
  return Notes.parse(JSON.parse(await page(model)));
}

async function addNote(model: LocalModel, text: string): Promise<void> {
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  await fetch(`http://${host}:${port}/`, { method: 'POST', body: text, headers: { connection: 'close' } });
}
