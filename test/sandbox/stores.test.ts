/** An object store and a mail server under an application that uses them by boto3 and by smtplib. */
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { pythonWith } from '../servers/python.ts';
import { EXAMPLES, FROM_WHEELS, fixtureBuild } from '../setup/fixture-build.ts';
import { newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const SERVING = { current: 'active', message: 'serving flask-stores on port 8080' };

test('S3 and SMTP are used, followed as keys and password rotate, and let go', async () => {
  const python = await pythonWith(['moto[server]==5.2.5', 'aiosmtpd==1.4.6']);
  await using model = await newModel();
  await model.together(async () => {
    await model.deploy(join(EXAMPLES, 's3-provider'), { application: 'store', config: { python } });
    await model.deploy(join(EXAMPLES, 'smtp-provider'), { application: 'mail', config: { python } });
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK, ...FROM_WHEELS },
      resources: { build: await fixtureBuild('flask-stores') },
    });
    await model.integrate('wsgi:s3', 'store:s3');
    await model.integrate('wsgi:smtp', 'mail:smtp');
    await model.integrate('wsgi:receive-ca-certs', 'mail:send-ca-cert');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await put(model, 'first')).toBe(200);
  expect(await found(model)).toEqual({ words: ['first'], mail: true, authorities: 1 });
  expect(await mails(model)).toMatch(/^Subject: first$/m);

  await model.unit('store/0').run('rotate-keys');
  await model.unit('mail/0').run('rotate-password');
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await put(model, 'second')).toBe(200);
  expect(await found(model)).toMatchObject({ words: ['first', 'second'] });
  expect(await mails(model)).toMatch(/^Subject: second$/m);

  await model.together(async () => {
    await model.removeRelation('wsgi:s3', 'store:s3');
    await model.removeRelation('wsgi:smtp', 'mail:smtp');
    await model.removeRelation('wsgi:receive-ca-certs', 'mail:send-ca-cert');
  });
  expect(await statusOf(model)).toEqual(SERVING);
  expect(await found(model)).toEqual({ words: [], mail: false, authorities: 0 });
});

async function found(model: LocalModel): Promise<unknown> {
  return JSON.parse(await page(model));
}

async function mails(model: LocalModel): Promise<string> {
  const { results } = await model.unit('mail/0').run('list-mails');
  return String(results.mails);
}

async function put(model: LocalModel, word: string): Promise<number> {
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  const url = `http://${host}:${port}/`;
  const { status } = await fetch(url, { method: 'POST', body: word, headers: { connection: 'close' } });
  return status;
}
