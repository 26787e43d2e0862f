/** Changes that no request notices: an application that takes seconds to start is replaced while clients ask it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { loadedApplication, startMixedLoad } from '../load/mixed-load.ts';
import { startTimedLoad } from '../load/timed-load.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel, SUITES } from '../setup/real-machines.ts';
import { archiveOf, page as pageOf, statusOf } from '../setup/wsgi-model.ts';

const PORT = 8000;
/** Seconds that the application takes to start. */
const START = 3;
/** Dies at once while a file is there. */
const BEFORE = `import os\nif os.path.exists("/var/lib/wsgi/die"): os._exit(3)\ntime.sleep(${START})`;

describe.skipIf(NOT_ROOT).each(SUITES)('while an application of %s that takes 3 s to start is asked', (suite) => {
  let model: LocalModel;
  let machine: LocalMachine;
  const page = () => pageOf(model, '/', { port: PORT });
  const build = (label: string) => archiveOf({ 'wsgi.py': loadedApplication(label, BEFORE), BUILD_LABEL: label });
  const load = async () => startMixedLoad(await model.unit('wsgi/0').endpoint(PORT), 40);
  const mainProcess = () => outputOf(machine, 'systemctl show -p MainPID --value gunicorn3.service');

  beforeAll(async () => {
    model = await realModel({ suite });
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: { port: String(PORT), workers: '2', worker_class: 'gthread', threads: '4', settle_time: '2' },
      resources: { build: await build('one') },
    });
    machine = await model.machine('0');
    expect(await page()).toBe('one');
  });
  afterAll(() => model.destroy());

  const changes: Record<string, () => Promise<unknown>> = {
    'an option': () => model.config('wsgi', { environment_variables: 'GREETING=hello' }),
    'a build': async () => model.attachResource('wsgi', 'build', await build('two')),
    'the build before': () => model.config('wsgi', { build_label: 'one' }),
    'a restart': () => model.run('wsgi/0', 'restart'),
  };

  test.each(Object.keys(changes))('%s changes, none is lost, and none waits for the start', async (name) => {
    const before = await mainProcess();
    const clients = await load();
    await changes[name]?.();
    const { failed, failures, longest } = await clients.stop();
    expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
    expect(longest).toBeLessThan(START);
    expect(await mainProcess()).not.toBe(before);
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    expect(await outputOf(machine, 'ls /run/systemd/system | grep gunicorn3; true')).toBe('');
    expect(await outputOf(machine, 'systemctl list-units --all --plain --no-legend "gunicorn3-bridge*"')).toBe('');
  });

  test('a gunicorn subordinate takes over, hears of a change and gives back, and none is lost', async () => {
    const served = (unit: string) => outputOf(machine, `systemctl is-active ${unit}; true`);
    await model.deploy(join(EXAMPLES, 'gunicorn-subordinate'), { application: 'gunicorn' });
    const clients = await load();
    clients.phase('take over');
    await model.integrate('wsgi:wsgi-file', 'gunicorn:wsgi-file');
    await expect.poll(() => served('gunicorn3.service'), { timeout: 20_000 }).toBe('inactive');
    expect(await served('gunicorn-wsgi.service')).toBe('active');
    expect(await page()).toBe('one');

    clients.phase('change');
    const before = await outputOf(machine, 'systemctl show -p MainPID --value gunicorn-wsgi.service');
    await model.config('wsgi', { environment_variables: 'GREETING=again' });
    expect(await outputOf(machine, 'systemctl show -p MainPID --value gunicorn-wsgi.service')).not.toBe(before);

    clients.phase('give back');
    await model.removeRelation('wsgi:wsgi-file', 'gunicorn:wsgi-file');
    expect(await statusOf(model)).toEqual({ current: 'active', message: `serving one on port ${PORT}` });
    expect(await served('gunicorn-wsgi.service')).toBe('inactive');
    const { failed, failures } = await clients.stop();
    expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
    expect(await outputOf(machine, 'systemctl list-units --all --plain --no-legend "gunicorn3-lender*"')).toBe('');
    expect(await outputOf(machine, 'ls -d /run/systemd/system/*gunicorn3* /run/gunicorn3-* 2>/dev/null; true')).toBe(
      '',
    );
  });

  test('the journal of the service has its own lines only', async () => {
    const { stdout } = await machine.exec(['journalctl', '-u', 'gunicorn3.service', '-o', 'json', '--no-pager'], {
      env: { PATH: machine.hookPath },
    });
    const identifiers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).SYSLOG_IDENTIFIER);
    expect([...new Set(identifiers)].sort()).toEqual(['gunicorn3', 'systemd']);
    expect(await outputOf(machine, 'journalctl -t gunicorn3-bridge -o cat --no-pager')).toContain('Starting gunicorn');
  });

  test('the main process is killed, and what is asked meanwhile waits for the next one', async () => {
    const clients = await load();
    await outputOf(machine, `kill -KILL ${await mainProcess()}`);
    await expect.poll(page, { timeout: 60_000 }).toBe('one');
    const { failures } = await clients.stop();
    // What the process had begun to answer ends with it.
    expect(failures.filter(({ what }) => /Refused|Timeout/.test(what))).toEqual([]);
  });

  test('one that dies again and again has clients refused within ten seconds', async () => {
    const { host, port } = await model.unit('wsgi/0').endpoint(PORT);
    const pid = await mainProcess();
    await using clients = startTimedLoad(`http://${host}:${port}/`, 20);
    await writeFile(join(machine.rootOnHost, 'var/lib/wsgi/die'), '');
    const died = Date.now();
    await outputOf(machine, `kill -KILL ${pid}`);
    const sockets = () => outputOf(machine, `systemctl is-active gunicorn3.service gunicorn3-${PORT}.socket; true`);
    await expect.poll(sockets, { timeout: 30_000 }).toMatch(/^failed\n(?:inactive|failed)$/);
    await expect.poll(() => page().catch((error: Error) => String(error.cause ?? error))).toMatch(/ECONNREFUSED/);
    const { failed } = await clients.stop();
    const refused = failed.filter(({ why }) => why?.includes('ECONNREFUSED')).map(({ end }) => end - died);
    expect(Math.min(...refused)).toBeLessThanOrEqual(10_000);
    await outputOf(machine, 'rm /var/lib/wsgi/die');
    await model.advance('5m');
    expect(await page()).toBe('one');
  });
});
