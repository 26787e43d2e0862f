/** The application in the hands of a subordinate charm that runs gunicorn itself, and back. */
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, newModel, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

/** A word with all that shells, systemd and Python give a meaning to. */
const SECRET = `a$HOME "b" 'c' \\n %n é #`;
const build = answering("'%s %s' % (os.getppid(), os.environ['SECRET'])");

test('a gunicorn subordinate serves in place of our own service, which comes back when it goes', async () => {
  await using model = await newModel();
  await model.together(async () => {
    await model.deploy(inject('charm'), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK, environment_variables: `SECRET=${singleQuoted(SECRET)}` },
      resources: { build: await archiveOf({ BUILD_LABEL: 'one', 'wsgi.py': build }) },
    });
    await model.deploy(join(EXAMPLES, 'gunicorn-subordinate'), { application: 'gunicorn' });
  });
  expect(await page(model)).toBe(`${await mainPid(model, 'gunicorn3.service')} ${SECRET}`);

  await model.integrate('wsgi:wsgi-file', 'gunicorn:wsgi-file');
  // Ours ends once theirs serves, whether or not a hook comes.
  await expect.poll(() => mainPid(model, 'gunicorn3.service'), { timeout: 20_000 }).toBe(0);
  expect(await statusOf(model)).toEqual({
    current: 'active',
    message: 'handed over to the gunicorn subordinate: one on port 8080',
  });
  expect(await statusOf(model, 'gunicorn/0')).toEqual({
    current: 'active',
    message: 'wsgi:application of wsgi on port 8080',
  });
  const theirs = await mainPid(model, 'gunicorn-wsgi.service');
  expect(await page(model)).toBe(`${theirs} ${SECRET}`);

  // What changes reaches it, and what does not restarts nothing.
  await model.config('wsgi', { nagios_index_path: '/health' });
  expect(await mainPid(model, 'gunicorn-wsgi.service')).toBe(theirs);
  await model.config('wsgi', { environment_variables: 'SECRET=other' });
  expect(await page(model)).toBe(`${await mainPid(model, 'gunicorn-wsgi.service')} other`);

  // The worst order: the principal is done with the relation before the subordinate hears of its end.
  model.order = ([first = '', ...others]) => [first, ...others].find((unit) => unit.startsWith('wsgi/')) ?? first;
  await model.removeRelation('wsgi:wsgi-file', 'gunicorn:wsgi-file');
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving one on port 8080' });
  expect(await page(model)).toBe(`${await mainPid(model, 'gunicorn3.service')} other`);
  expect(await mainPid(model, 'gunicorn-wsgi.service')).toBe(0);
});

/** 0 where the service does not run. */
async function mainPid(model: LocalModel, unit: string): Promise<number> {
  const { results } = await model.unit('wsgi/0').exec(`systemctl show ${unit} -p MainPID`);
  return Number(/MainPID=(\d+)/.exec(String(results.stdout))?.[1]);
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
