import { existsSync, readlinkSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { charmTree } from '../../packages/charm-build/charm.ts';
import { readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { contentOf, text, writeTree } from '../../packages/charm-build/tree.ts';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { starts } from '../setup/example-charm.ts';
import { deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

const CHARM = 'var/lib/juju/agents/unit-wsgi-0/charm';
const STORE = `${CHARM}/.reactive.json`;
const Store = z.object({ version: z.number(), flags: z.record(z.string(), z.unknown()), data: z.looseObject({}) });

let model: LocalModel & AsyncDisposable;
let root: string;

const read = (path: string) => readFile(join(root, path), 'utf8');
const store = async () => Store.parse(JSON.parse(await read(STORE)));

interface More {
  /** In place of the line [Service] of the service's template. */
  readonly template?: string;
  /** Folder of the code that it is made of; this project unless told. */
  readonly project?: string;
}

/** The charm in its next revision: another version, another template where told, and a handler more. */
async function nextRevision(version: string, more: More = {}): Promise<string> {
  const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-next-')), 'wsgi');
  const parts = await readCharm(PROJECT);
  const template = 'templates/gunicorn3.service.hbs';
  const node = parts.files.get(template);
  if (node === undefined) throw new Error(`no ${template} in the charm`);
  const before = Buffer.from(await contentOf(node)).toString();
  if (more.template !== undefined) parts.files.set(template, text(before.replace('[Service]\n', more.template)));
  const handlers = [join(PROJECT, 'test/fixtures/next-revision.ts')];
  const choices = { architecture: ownArchitecture(), runtime: 'bundled', project: more.project ?? PROJECT } as const;
  await writeTree(await charmTree({ ...parts, handlers, version }, choices), folder);
  return folder;
}

/** A copy of the code in which the store has another format: what format 1 kept under data is called `kept` there. */
async function codeOfNextFormat(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-code-'));
  const launcher = 'packages/charm-build/launch.sh';
  for (const name of [
    'src',
    launcher,
    'templates',
    'config.yaml',
    'metadata.yaml',
    'package.json',
    'package-lock.json',
  ])
    await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const file = join(folder, 'src/reactive/store-format.ts');
  const code = await readFile(file, 'utf8');
  const next = code
    .replace('const version = 1;', 'const version = 2;')
    .replace('JsonObject)[] = [];', 'JsonObject)[] = [({ data = {}, ...rest }) => ({ ...rest, kept: data })];')
    .replace('const { flags, data } = migrated;', 'const { flags, kept: data } = migrated;')
    .replace('"data": ', '"kept": ');
  expect(next.match(/kept/g)).toHaveLength(3);
  expect(next).toContain('const version = 2;');
  await writeFile(file, next);
  return folder;
}

/** Asks the application, one request after another on two connections, until the work is done. */
async function underLoad(
  work: () => Promise<void>,
): Promise<{ readonly answers: Set<string>; readonly count: number }> {
  const answers = new Set<string>();
  const { host, port } = await model.unit('wsgi/0').endpoint(8080);
  let done = false;
  let count = 0;
  const client = async (connection: string) => {
    while (!done) {
      count += 1;
      const answer = await fetch(`http://${host}:${port}/`, { headers: { connection } }).then(
        async (response) => `${response.status} ${(await response.text()).trim()}`,
        (error: unknown) => String(error instanceof Error ? (error.cause ?? error) : error),
      );
      answers.add(answer);
    }
  };
  const clients = [client('close'), client('keep-alive')];
  await work().finally(() => {
    done = true;
  });
  await Promise.all(clients);
  return { answers, count };
}

beforeAll(async () => {
  model = await newModel();
  await deployWsgi(model);
  await model.config('wsgi', { current_symlink: 'r1', build_label: 'r2', environment_variables: 'KEPT=yes' });
  await model.run('wsgi/0', 'set-current-symlink', { label: 'r2' });
  root = (await model.unit('wsgi/0').machine()).rootOnHost;
  await writeFile(join(root, 'var/lib/wsgi/upload'), 'of a user');
});
afterAll(() => model[Symbol.asyncDispose]());

describe('a refresh', () => {
  test('to a revision that serves as the one before restarts nothing', async () => {
    const before = { ...(await store()), starts: await starts(model, 'wsgi/0') };
    await model.refresh('wsgi', { path: await nextRevision('7.0.0') });
    expect(await read(`${CHARM}/version`)).toBe('7.0.0\n');
    expect(await starts(model, 'wsgi/0')).toBe(before.starts);
    expect((await store()).flags).toEqual({ ...before.flags, 'of.the.next.revision': null });
  });

  test('that changes the unit restarts once and loses no request; override, builds, environment and data stay', async () => {
    const before = { ...(await store()), starts: await starts(model, 'wsgi/0') };
    const path = await nextRevision('8.0.0', { template: '[Service]\nEnvironment=REVISION=8\n' });
    const { answers, count } = await underLoad(() => model.refresh('wsgi', { path }));
    expect([...answers]).toEqual(['200 It works! Revision 2']);
    expect(count).toBeGreaterThan(10);
    expect(await starts(model, 'wsgi/0')).toBe(before.starts + 1);
    expect(await read('etc/systemd/system/gunicorn3.service')).toContain('Environment=REVISION=8');
    expect((await store()).flags).toEqual(before.flags);
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r2 on port 8080' });
    expect([readlinkSync(join(root, 'srv/current')), existsSync(join(root, 'srv/r1'))]).toEqual(['r2', true]);
    expect(await read('var/lib/wsgi/upload')).toBe('of a user');
    const { results } = await model.run('wsgi/0', 'show-environment').then(({ tasks }) => tasks[0] ?? { results: {} });
    expect(JSON.stringify(results)).toContain('KEPT');
  });

  test('to a revision that keeps its state in another way carries it over, and the way back is said until it is mended', async () => {
    const before = { ...(await store()), starts: await starts(model, 'wsgi/0') };
    const template = '[Service]\nEnvironment=REVISION=8\n';
    const [older, newer] = await Promise.all([
      nextRevision('8.0.1', { template }),
      nextRevision('9.0.0', { template, project: await codeOfNextFormat() }),
    ]);
    const since = model.log().length;
    await model.refresh('wsgi', { path: newer });
    const migrated = JSON.parse(await read(STORE));
    expect(migrated).toMatchObject({ version: 2, flags: before.flags });
    expect(Object.keys(migrated.kept)).toEqual(Object.keys(before.data));
    expect(model.log().slice(since)).toContainEqual(
      expect.objectContaining({ message: expect.stringMatching(/\.reactive\.json: migrated from format 1 to 2$/) }),
    );
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r2 on port 8080' });

    await model.refresh('wsgi', { path: older });
    await model.config('wsgi', { environment_variables: 'KEPT=still' });
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: expect.stringMatching(
        /newer revision of the charm \(format 2, this one knows 1\); refresh to that revision or a later one/,
      ),
    });
    expect((await model.status()).applications.wsgi?.units?.['wsgi/0']?.['juju-status']?.current).toBe('idle');
    expect(await page(model)).toBe('It works! Revision 2');
    expect(await starts(model, 'wsgi/0')).toBe(before.starts);
    expect(JSON.parse(await read(STORE))).toEqual(migrated);

    // Nothing but the right revision is needed; what was asked for meanwhile comes about with it.
    await model.refresh('wsgi', { path: newer });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r2 on port 8080' });
    expect(await starts(model, 'wsgi/0')).toBe(before.starts + 1);
  });
});

describe('a unit that goes', () => {
  const DOES_NOTHING = '#!/bin/sh\nexit 0\n';

  /** A charm whose hooks do nothing. */
  async function charm(name: string, more = ''): Promise<string> {
    const folder = join(await mkdtemp(join(tmpdir(), 'layer-wsgi-beside-')), name);
    const files = {
      'metadata.yaml': `name: ${name}\nsummary: ${name}\ndescription: ${name}\n${more}`,
      'manifest.yaml': 'bases: [{name: ubuntu, channel: "24.04", architectures: [amd64, arm64]}]\n',
      dispatch: DOES_NOTHING,
    };
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    await chmod(join(folder, 'dispatch'), 0o755);
    return folder;
  }

  test('takes units, rotation, environment and checks with it, and leaves data, logs and builds', async () => {
    // Keeps the machine when wsgi/0 goes.
    await model.deploy(await charm('neighbour'), { to: ['0'] });
    await model.deploy(
      await charm(
        'nrpe',
        'subordinate: true\nrequires: {nrpe-external-master: {interface: nrpe-external-master, scope: container}}\n',
      ),
    );
    await model.integrate('wsgi:nrpe-external-master', 'nrpe:nrpe-external-master');
    const there = (...paths: string[]) => paths.filter((path) => existsSync(join(root, path)));
    const goes = [
      'etc/systemd/system/gunicorn3.service',
      'etc/systemd/system/gunicorn3-8080.socket',
      'etc/logrotate.d/gunicorn3',
      'etc/gunicorn3',
    ];
    const checks = async () => {
      const found = await Promise.all(
        ['etc/nagios/nrpe.d', 'var/lib/nagios/export'].map((path) => readdir(join(root, path))),
      );
      return found.flat();
    };
    expect(there(...goes)).toEqual(goes);
    expect((await checks()).length).toBeGreaterThan(0);

    const { host, port } = await model.unit('wsgi/0').endpoint(8080);
    await model.removeUnit('wsgi/0');
    await expect(fetch(`http://${host}:${port}/`)).rejects.toThrow();
    expect(there(...goes)).toEqual([]);
    expect(await checks()).toEqual([]);
    const stays = ['var/lib/wsgi/upload', 'var/log/wsgi.service.log', 'srv/r1', 'srv/r2'];
    expect(there(...stays)).toEqual(stays);
  });
});
