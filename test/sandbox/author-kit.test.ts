import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { LocalModel } from '../../packages/local-juju/local-model.ts';

/** A charm that somebody begins with this package, and what they do with it first. */
describe('a new charm', () => {
  let folder: string;
  let charm: string;
  const npm = (...args: string[]) => execa('npm', args, { cwd: charm, reject: false, all: true });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'author-'));
    charm = join(folder, 'my-site');
    await execa(process.execPath, [join(PROJECT, 'src/cli.ts'), 'init', 'my-site'], { cwd: folder });
    await execa('npm', ['install', '--loglevel=error'], { cwd: charm });
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('has tests that pass, and that fail when a handler is wrong', async () => {
    expect(await npm('test')).toMatchObject({ exitCode: 0 });
    const file = join(charm, 'reactive/my-site.ts');
    const handlers = await readFile(file, 'utf8');
    await writeFile(file, handlers.replace("setEnvironment('GREETING'", "setEnvironment('GREETNIG'"));
    const { exitCode, all } = await npm('test');
    expect(exitCode).toBe(1);
    expect(all).toMatch(/the greeting reaches the application/);
    await writeFile(file, handlers);
  });

  test('is compiled, and a name that the charm has not is refused', async () => {
    expect(await npm('run', 'check')).toMatchObject({ exitCode: 0 });
    const file = join(charm, 'reactive/my-site.ts');
    const handlers = await readFile(file, 'utf8');
    await writeFile(file, `${handlers}when('endpoint.webste.joined');\nwhen('config.changed.motd');\n`);
    const { exitCode, all } = await npm('run', 'check');
    expect(exitCode).not.toBe(0);
    expect(all).toMatch(/my-site\.ts.*"endpoint\.webste\.joined"/);
    expect(all).toMatch(/my-site\.ts.*"config\.changed\.motd"/);
    // An option that comes to config.yaml is known as soon as it is there.
    await writeFile(file, `${handlers}when('config.changed.motd');\n`);
    const config = await readFile(join(charm, 'config.yaml'), 'utf8');
    await writeFile(join(charm, 'config.yaml'), `${config}  motd:\n    type: string\n`);
    expect(await npm('run', 'check')).toMatchObject({ exitCode: 0 });
    await writeFile(join(charm, 'config.yaml'), config);
    await writeFile(file, handlers);
  });

  test('is packed, deployed, and serves what its own option says', async () => {
    expect(await npm('run', 'pack')).toMatchObject({ exitCode: 0 });
    const model = await LocalModel.create({ dir: join(folder, 'model') });
    try {
      const [packed = ''] = (await readdir(join(charm, 'dist'))).filter((name) => name.endsWith('.charm'));
      await model.deploy(join(charm, 'dist', packed), { application: 'site', config: { port: '8080' } });
      const page = async () => {
        const { host, port } = await model.unit('site/0').endpoint(8080);
        return (await fetch(`http://${host}:${port}/`)).text();
      };
      expect(await page()).toBe('Hello\n');
      await model.config('site', { greeting: 'Hej på dig' });
      expect(await page()).toBe('Hej på dig\n');
      expect((await model.status()).applications.site?.['application-status']).toMatchObject({
        current: 'active',
        message: 'Saying Hej på dig',
      });
    } finally {
      await model.destroy();
    }
  });

  test('whose name Juju would refuse is refused, and so is a folder that is there', async () => {
    const init = (name: string) =>
      execa(process.execPath, [join(PROJECT, 'src/cli.ts'), 'init', name], { cwd: folder, reject: false });
    expect(await init('My_Site')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/^My_Site: a charm name is/),
    });
    expect(await init('my-site')).toMatchObject({
      exitCode: 1,
      stderr: expect.stringMatching(/my-site is there already/),
    });
  });
});
