import { chmod, cp, mkdir, mkdtemp, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { exampleCharm } from '../setup/example-charm.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { answering, archiveOf, newModel, QUICK, statusOf } from '../setup/wsgi-model.ts';

/** A database whose operator types what it says, by databag or by secret. */
async function databaseCharm(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-db-'));
  const provides = '{db: {interface: pgsql}, database: {interface: mongodb_client}}';
  await writeFile(
    join(folder, 'metadata.yaml'),
    `name: db\nsummary: A database.\ndescription: A database.\nprovides: ${provides}\n`,
  );
  await writeFile(join(folder, 'dispatch'), '#!/bin/sh\nexit 0\n');
  await chmod(join(folder, 'dispatch'), 0o755);
  return folder;
}

test('snapshot writes the world of a unit as a test that passes, without its secrets', async () => {
  await using model = await newModel();
  await model.deploy(await exampleCharm('resource-app'), {
    application: 'app',
    config: { port: '8080', ...QUICK, environment_variables: 'TITLE="My page" TOKEN=a-token-of-mine' },
    resources: { build: await archiveOf({ 'wsgi.py': answering("'hello'") }) },
  });
  await model.deploy(await databaseCharm(), { application: 'db' });
  const id = await model.integrate('app:postgres', 'db:db');
  const master = "host=10.1.1.1 port=5432 dbname=app user=u password='a pass$word'";
  await model.exec(
    'db/0',
    `relation-set -r db:${id} database=app allowed-units=app/0 master="${master.replace('$', '\\$')}" state=standalone`,
  );

  // A newer database gives its password as a secret of Juju's.
  const related = await model.integrate('app:mongodb', 'db:database');
  await model.exec(
    'db/0',
    `set -e
uri=$(secret-add username=mongo-user password=hush-hush)
secret-grant "$uri" -r database:${related}
relation-set -r database:${related} --app database=app endpoints=10.1.1.2:27017 replset=rs0 secret-user="$uri"`,
  );
  expect(await statusOf(model, 'app/0')).toMatchObject({ current: 'active' });

  // The charm as its author has it, with this package installed.
  const charm = await mkdtemp(join(tmpdir(), 'layer-wsgi-author-'));
  await cp(join(EXAMPLES, 'resource-app'), charm, { recursive: true });
  await mkdir(join(charm, 'node_modules'));
  await symlink(PROJECT, join(charm, 'node_modules/layer-wsgi'));
  const cli = (...args: string[]) =>
    execa(process.execPath, [join(PROJECT, 'src/cli.ts'), 'local', ...args], {
      cwd: charm,
      env: { WSGI_CHARM_MODEL: model.dir },
      reject: false,
    });

  expect(await cli('snapshot', 'app/0')).toMatchObject({ exitCode: 0, stdout: 'test/app-0.test.ts' });
  const written = await readFile(join(charm, 'test/app-0.test.ts'), 'utf8');
  for (const secret of ['My page', 'a-token-of-mine', 'pass$word', 'pass\\$word', 'mongo-user', 'hush-hush'])
    expect(written).not.toContain(secret);
  expect(written).toMatch(/TITLE=masked-\d TOKEN=masked-\d/);
  expect(written).toMatch(/host=10\.1\.1\.1 port=5432 dbname=app user=u password=masked-\d/);
  expect(written).toMatch(/secret-user": "secret:\S+"/);
  expect(written).toMatch(/revisions: \[\s+\{\s+username: "masked-\d",\s+password: "masked-\d",?\s+\}/);
  expect(written).toContain('wsgi.active');
  const node = await execa(process.execPath, ['--test', 'test/app-0.test.ts'], {
    cwd: charm,
    reject: false,
    all: true,
  });
  expect(node.exitCode, node.all).toBe(0);

  expect(await cli('snapshot', 'app/0')).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('test/app-0.test.ts is there already; name another with --output'),
  });
});
