import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { type Load, type LoadReport, loadedApplication, startMixedLoad } from '../load/mixed-load.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel, SUITES } from '../setup/real-machines.ts';
import { archiveOf, page as pageOf, statusOf } from '../setup/wsgi-model.ts';

/** Requests a second. */
const RATE = 240;
const PORT = 8000;

describe.skipIf(NOT_ROOT).each(SUITES)('while requests come in, on %s', (suite) => {
  let model: LocalModel;
  let machine: LocalMachine;
  const page = (port = PORT) => pageOf(model, '/', { port });
  const attach = async (label: string, files: Record<string, string>) =>
    model.attachResource('wsgi', 'build', await archiveOf({ ...files, BUILD_LABEL: label }));

  beforeAll(async () => {
    model = await realModel({ suite });
    const files = { 'wsgi.py': loadedApplication('one'), 'other.py': loadedApplication('other') };
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: { port: String(PORT), workers: '2', worker_class: 'gthread', threads: '4' },
      resources: { build: await archiveOf({ ...files, BUILD_LABEL: 'one' }) },
    });
    machine = await model.machine('0');
    expect(await page()).toBe('one');
  });
  afterAll(() => model.destroy());

  test('none is lost when port, module, environment, packages and workers change', async () => {
    const old = await loadOn(model, PORT);
    old.phase('port');
    await model.config('wsgi', { port: '8001' });
    expect(await page(8001)).toBe('one');
    const load = await loadOn(model, 8001);
    // A proxy has read the new port by now, and asks no more on the old one, which goes within a minute.
    none(await old.stop());

    load.phase('module');
    await model.config('wsgi', { wsgi_module: 'other:application' });
    expect(await page(8001)).toBe('other');
    load.phase('environment');
    await model.config('wsgi', { environment_variables: 'GREETING=hello' });
    load.phase('packages');
    await offerPackage(machine, 'made-for-a-test');
    await model.config('wsgi', { apt_dependencies: 'made-for-a-test' });
    expect(await outputOf(machine, `dpkg-query -W -f '\${Status}' made-for-a-test`)).toBe('install ok installed');
    load.phase('workers');
    await model.config('wsgi', { workers: '3' });
    load.phase('the old port closes');
    await expect.poll(() => isOpen(model, PORT), { timeout: 90_000, interval: 1000 }).toBe(false);
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving one on port 8001' });
    none(await load.stop());

    await model.config('wsgi', { port: String(PORT), wsgi_module: 'wsgi:application' });
  });

  test('none is lost when a build is upgraded, taken back, or found broken', async () => {
    const load = await loadOn(model, PORT);
    load.phase('upgrade');
    await attach('two', { 'wsgi.py': loadedApplication('two') });
    expect(await page()).toBe('two');
    load.phase('back');
    await model.config('wsgi', { build_label: 'one' });
    expect(await page()).toBe('one');

    await model.config('wsgi', { start_timeout: '10' });
    for (const [label, { code, says }] of Object.entries(BROKEN)) {
      load.phase(label);
      await attach(label, { 'wsgi.py': code });
      expect(await statusOf(model)).toEqual({
        current: 'blocked',
        message: expect.stringMatching(new RegExp(`^build ${label} does not start: ${says}`)),
      });
      expect(await page()).toBe('one');
    }
    const report = await load.stop();
    none(report);
    expect(report.rate).toBeGreaterThan(200);
  });
});

const BROKEN = {
  'import-error': { code: 'import missing\n', says: "ModuleNotFoundError: No module named 'missing'" },
  'dies-after-3-s': {
    code: loadedApplication('dies', 'import os, threading\nthreading.Timer(3, os._exit, (1,)).start()'),
    says: '.',
  },
  'never-answers': { code: 'import time\ntime.sleep(600)\n', says: 'no answer on / within 10 s' },
  'answers-500': {
    code: 'def application(environ, start_response):\n    raise ValueError("not today")\n',
    says: '/ answers 500: ValueError: not today',
  },
};

async function loadOn(model: LocalModel, port: number): Promise<Load> {
  return startMixedLoad(await model.unit('wsgi/0').endpoint(port), RATE);
}

function none({ failed, failures, requests }: LoadReport): void {
  expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
  expect(Object.values(requests).every((count) => count > 0)).toBe(true);
}

async function isOpen(model: LocalModel, port: number): Promise<boolean> {
  const endpoint = await model.unit('wsgi/0').endpoint(port);
  return new Promise((resolve) => {
    const socket = connect(endpoint, () => {
      socket.destroy();
      resolve(true);
    }).once('error', () => resolve(false));
  });
}

/** Puts a package into an archive that is a folder of the machine, which reaches no other. */
async function offerPackage(machine: LocalMachine, name: string): Promise<void> {
  const control = `Package: ${name}\nVersion: 1\nArchitecture: all\nMaintainer: Nobody <nobody@localhost>\nDescription: Empty.\n`;
  const root = join(machine.rootOnHost, 'opt/archive');
  await mkdir(join(root, name, 'DEBIAN'), { recursive: true });
  await writeFile(join(root, name, 'DEBIAN/control'), control);
  await outputOf(machine, `cd /opt/archive && dpkg-deb --build ${name}`);
  const size = await outputOf(machine, `stat -c %s /opt/archive/${name}.deb`);
  const digest = await outputOf(machine, `sha256sum /opt/archive/${name}.deb | cut -d' ' -f1`);
  const entry = `${control}Filename: ./${name}.deb\nSize: ${size}\nSHA256: ${digest}\n`;
  await writeFile(join(root, 'Packages'), entry);
  await writeFile(join(machine.rootOnHost, 'etc/apt/sources.list'), 'deb [trusted=yes] file:/opt/archive ./\n');
}
