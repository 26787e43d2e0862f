import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { databaseCharm } from '../secrets/database-charm.ts';
import { filesForAll } from '../secrets/files-for-all.ts';
import { SECRETS, secretsIn, tellingApplication } from '../secrets/marked.ts';
import { packageIndex } from '../servers/package-index.ts';
import { watchCommandLines } from '../setup/command-lines.ts';
import { outputOf } from '../setup/real-machines.ts';
import { archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

test('what is secret is in no log, status, unit file, command line, store or file that others can read', async () => {
  const build = await archiveOf({ 'wsgi.py': tellingApplication, 'requirements.txt': 'packaging\n' });
  const wheels = globSync(join(import.meta.dirname, '../../wheels/packaging-*.whl'));
  await using index = await packageIndex(wheels, `user:${SECRETS.index}`);
  await using assets = await packageIndex([build], `user:${SECRETS.assets}`);
  await using model = await newModel();
  const watch = watchCommandLines();
  const environment = {
    TOKEN: SECRETS.environment,
    CACHE_URL: `redis://:${encodeURIComponent(SECRETS.cache)}@10.0.0.7:6379/`,
    PIP_INDEX_URL: `http://user:${SECRETS.index}@${index.authority}/simple/`,
  };
  const typed = (more: Record<string, string> = {}) =>
    Object.entries({ ...environment, ...more })
      .map(([name, value]) => `${name}='${value}'`)
      .join(' ');

  await model.modelConfig({
    'juju-http-proxy': `http://user:${SECRETS.proxy}@127.0.0.1:9`,
    'juju-no-proxy': '127.0.0.1',
  });
  await model.together(async () => {
    await model.deploy(await databaseCharm(), { application: 'db' });
    await deployWsgi(model, {
      environment_variables: typed(),
      code_assets_uri: `http://user:${SECRETS.assets}@${assets.authority}`,
      archive_filename: 'build.tar.gz',
      build_label: 'fetched',
      provision_command: 'env; env >&2',
      wsgi_logfile_path: '/var/log/wsgi.log',
    });
    await model.integrate('wsgi:postgres', 'db:pgsql');
    await model.integrate('wsgi:mongodb', 'db:mongo');
  });
  expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving fetched on port 8080' });
  expect((await page(model)).split('\n')).toEqual([
    `postgresql://shop:${encodeURIComponent(SECRETS.pgsql)}@10.0.0.9:5432/wsgi`,
    `mongodb://shop:${encodeURIComponent(SECRETS.juju)}@10.0.0.8:27017/wsgi?authSource=admin`,
    ...[environment.TOKEN, environment.CACHE_URL],
  ]);
  const machine = await model.unit('wsgi/0').machine();
  const journal = await outputOf(machine, 'journalctl --no-pager');
  const logFile = await readFile(join(machine.rootOnHost, 'var/log/wsgi.log'), 'utf8');

  // What goes wrong says much, and here all that it should not. The journal and the log file hold what an application
  // prints itself, and are for those who may read them.
  await model.config('wsgi', { environment_variables: typed({ TELL: 'all' }) });
  expect((await statusOf(model)).message).toMatch(
    /does not start with it: RuntimeError: told: \*{6} \*{6} \*{6} \*{6} \*{6}$/,
  );
  await model.config('wsgi', {
    environment_variables: typed(),
    provision_command: 'env >&2; echo "it is $DATABASE_URL"; echo "it is $TOKEN" >&2; exit 4',
  });
  expect((await statusOf(model)).message).toBe('provision_command: exit code 4: it is ******');
  await model.run('wsgi/0', 'provision');
  await model.run('wsgi/0', 'show-environment');
  await model.config('wsgi', { provision_command: '', build_label: 'missing', archive_filename: 'no.tar.gz' });
  expect((await statusOf(model)).message).toMatch(/^build missing: /);

  const { units, operations } = model.state();
  const commandLines = await watch.stop();
  expect(commandLines).toMatch(/systemd-run .*gunicorn3-provision/);
  expect(
    secretsIn({
      journal,
      'log file': logFile,
      'command lines': commandLines,
      'debug log': JSON.stringify(model.log({})),
      'status history': JSON.stringify(Object.values(units).map(({ history, workload }) => [history, workload])),
      operations: JSON.stringify(operations),
      store: await readFile(join(machine.rootOnHost, 'var/lib/juju/agents/unit-wsgi-0/charm/.reactive.json'), 'utf8'),
      ...filesForAll(machine.rootOnHost),
    }),
  ).toEqual([]);
});
