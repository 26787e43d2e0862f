/** Workers, a scheduler and a scheduled command of an application, as a real systemd runs them. */
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { EXAMPLES } from '../setup/fixture-build.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel, SUITES, sh } from '../setup/real-machines.ts';
import { answering, archiveOf, page as pageOf, statusOf } from '../setup/wsgi-model.ts';

/** Says when it begins and when it is told to end; a process that it started must not hear of that before it does. */
const WORKER = [
  'import os, signal, subprocess, sys, time',
  'name = sys.argv[1]',
  'child = subprocess.Popen(["sleep", "1000"])',
  'def end(*_):',
  '    print(name, "ends", "after" if child.poll() is None else "before", "its child", flush=True)',
  '    child.terminate()',
  '    child.wait()',
  '    sys.exit(0)',
  'signal.signal(signal.SIGTERM, end)',
  'print(name, "begins", os.environ.get("GREETING"), os.environ.get("FROM_DROP_IN"), flush=True)',
  'while True: time.sleep(60)',
  '',
].join('\n');

const PROCFILE = [
  'web: gunicorn shop',
  'release: echo released',
  'worker: python worker.py worker',
  'beat: python worker.py beat',
  'cleanup: echo cleaned | tee -a ~/cleaned',
  '',
].join('\n');

describe.skipIf(NOT_ROOT).each(SUITES)('the processes of an application on a real machine of %s', (suite) => {
  let model: LocalModel;
  let machine: LocalMachine;
  const build = (label: string, files: Readonly<Record<string, string>> = {}) =>
    archiveOf({
      BUILD_LABEL: label,
      'wsgi.py': answering(`'${label}'`),
      'worker.py': WORKER,
      Procfile: PROCFILE,
      ...files,
    });
  const output = (script: string) => outputOf(machine, script);
  const journal = (identifier: string) => output(`journalctl -t ${identifier} -o cat --no-pager; true`);
  const property = (unit: string, name: string) => output(`systemctl show -p ${name} --value '${unit}'`);
  const pids = async (...units: string[]) => {
    const found = await Promise.all(units.map((unit) => property(unit, 'MainPID')));
    return found.map(Number);
  };
  const running = () =>
    output("systemctl list-units --state=active --plain --no-legend 'wsgi-*.service' 'wsgi-*.timer' | cut -d' ' -f1");
  const listed = async () => String((await model.unit('wsgi/0').run('list-processes')).results.processes).split('\n');

  beforeAll(async () => {
    model = await realModel({ suite });
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: {
        port: '8080',
        workers: '1',
        settle_time: '1',
        processes: 'worker=2',
        schedules: 'cleanup="*:*:0/2"',
        environment_variables: 'GREETING=hello',
      },
      resources: { build: await build('r1') },
    });
    machine = await model.machine('0');
    // The machine goes with its last unit.
    await model.deploy(await idleCharm(), { application: 'idle', to: ['0'] });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
  });
  afterAll(() => model?.destroy());

  test('run as often as the option says, as the user of the web server, and as confined', async () => {
    expect((await running()).split('\n').sort()).toEqual([
      'wsgi-beat@1.service',
      'wsgi-cleanup.timer',
      'wsgi-worker@1.service',
      'wsgi-worker@2.service',
    ]);
    expect(await property('wsgi-worker@1.service', 'Type')).toBe('exec');
    const [pid] = await pids('wsgi-worker@1.service');
    expect(await output(`ps -o user= --pid ${pid} --ppid ${pid} | sort -u`)).toBe('wsgi');
    expect(await output(`grep CapEff /proc/${pid}/status`)).toMatch(/^CapEff:\s0+$/);
    const rating = await output('systemd-analyze security --no-pager wsgi-worker@1.service | tail -1');
    expect(Number(/level for wsgi-worker@1\.service: ([0-9.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(1.5);
    const units = 'wsgi-worker@1.service wsgi-beat@1.service wsgi-cleanup.service wsgi-cleanup.timer';
    expect(await output(`systemd-analyze verify ${units} 2>&1`)).toBe('');
    expect(await journal('wsgi-worker')).toBe('worker begins hello None\nworker begins hello None');
  });

  test('one that is scheduled is run by its timer, and its last and next run are listed', async () => {
    await expect.poll(() => journal('wsgi-cleanup'), { timeout: 20_000 }).toContain('cleaned');
    const cleanup = async () => (await listed()).find((line) => line.startsWith('cleanup'));
    await expect
      .poll(cleanup, { timeout: 20_000 })
      .toMatch(/^cleanup\twaiting\tlast \w{3} \d{4}-.*: success\tnext \w{3} \d{4}-/);
    const lines = await listed();
    expect(lines.map((line) => line.split('\t')[0])).toEqual(['beat@1', 'cleanup', 'worker@1', 'worker@2']);
  });

  test('are counted beside the requests for an agent, by a service as confined', async () => {
    const workers = await pids('wsgi-worker@1.service', 'wsgi-worker@2.service');
    await model.deploy(join(EXAMPLES, 'cos-collector'), { application: 'collector' });
    await model.integrate('wsgi:cos-agent', 'collector:cos-agent');
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
    await pageOf(model);
    const get = 'import urllib.request as r; print(r.urlopen("http://127.0.0.1:9102/metrics").read().decode())';
    const metrics = (await output(`python3 -c '${get}'`)).split('\n');
    expect(metrics).toEqual(
      expect.arrayContaining([
        'wsgi_up{unit="gunicorn3.service"} 1.0',
        'wsgi_up{unit="wsgi-worker@2.service"} 1.0',
        'wsgi_up{unit="wsgi-beat@1.service"} 1.0',
        'wsgi_up{unit="wsgi-cleanup.timer"} 1.0',
        'wsgi_workers 1.0',
      ]),
    );
    expect(metrics).not.toContain('gunicorn_requests_total 0.0');
    const [pid] = await pids('gunicorn3-exporter.service');
    expect(await output(`ps -o user:32= --pid ${pid}`)).toBe('gunicorn3-exporter');
    expect(Number(await output(`grep VmRSS /proc/${pid}/status | tr -dc 0-9`))).toBeLessThan(30 * 1024);
    const rating = await output('systemd-analyze security --no-pager gunicorn3-exporter.service | tail -1');
    expect(Number(/service: ([0-9.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(1.5);
    expect(await output('systemd-analyze verify gunicorn3-exporter.service 2>&1')).toBe('');
    await model.removeRelation('wsgi:cos-agent', 'collector:cos-agent');
    expect(await output('systemctl list-units --all --plain --no-legend "gunicorn3-exporter*"')).toBe('');
    expect(await pids('wsgi-worker@1.service', 'wsgi-worker@2.service')).toEqual(workers);
  });

  test('are told to end before those that they started, and have the settings of a drop-in', async () => {
    const folder = join(machine.rootOnHost, 'etc/systemd/system/wsgi-worker@.service.d');
    await mkdir(folder);
    await writeFile(join(folder, 'own.conf'), '[Service]\nEnvironment=FROM_DROP_IN=yes\n');
    await model.config('wsgi', { environment_variables: 'GREETING=bye', schedules: 'cleanup=daily' });
    expect(await statusOf(model)).toMatchObject({ current: 'active' });
    // Each in its own order: systemd restarts the two side by side.
    for (const unit of ['wsgi-worker@1.service', 'wsgi-worker@2.service']) {
      expect((await output(`journalctl -t wsgi-worker -u ${unit} -o cat --no-pager`)).split('\n')).toEqual([
        'worker begins hello None',
        'worker ends after its child',
        'worker begins bye yes',
      ]);
    }
    expect(await output('ps -C sleep -o args= | grep -c "sleep 1000"')).toBe('3');
  });

  test('a command of an operator has the application, its environment and its user', async () => {
    const command = 'echo "$GREETING $(id -un) $(pwd -P)" | tr a-z A-Z; python -c "import wsgi"; exit 3';
    const { status, results } = await model.unit('wsgi/0').run('run', { command });
    expect({ status, ...results }).toMatchObject({
      status: 'failed',
      'exit-code': '3',
      output: expect.stringMatching(/^BYE WSGI \/SRV\/R1\s*$/),
    });
    const printed = String.raw`wsgi-run python -c 'import os, sys; print(os.environ["GREETING"], os.getcwd(), sys.argv[1:])' 'a  b' '$HOME' '$$' '%n' '"\t'`;
    expect(await output(printed)).toBe(String.raw`bye /srv/r1 ['a  b', '$HOME', '$$', '%n', '"\\t']`);
    expect(await output('echo piped | wsgi-run cat')).toBe('piped');
    expect((await sh(machine, 'wsgi-run sh -c "exit 7"')).code).toBe(7);
    expect(await output(`script -qec 'wsgi-run tty' /dev/null`)).toMatch(/\/dev\/pts\/\d+\s*$/);
    expect(await output('systemctl list-units --all --plain --no-legend "wsgi-run*" "gunicorn3-run*"')).toBe('');
  });

  test('refuse a release in which one dies, and run again as before', async () => {
    const web = await pids('gunicorn3.service');
    const broken = 'import time\ntime.sleep(0.3)\nraise RuntimeError("no broker")\n';
    const procfile = `${PROCFILE}more: python broken.py\n`;
    await model.attachResource('wsgi', 'build', await build('r2', { 'broken.py': broken, Procfile: procfile }));
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'build r2 does not start: process more does not stay: RuntimeError: no broker',
    });
    expect(await pids('gunicorn3.service')).toEqual(web);
    expect(await pageOf(model)).toBe('r1');
    expect((await running()).split('\n').sort()).toEqual([
      'wsgi-beat@1.service',
      'wsgi-cleanup.timer',
      'wsgi-worker@1.service',
      'wsgi-worker@2.service',
    ]);
    const [pid] = await pids('wsgi-worker@2.service');
    expect(await output(`readlink /proc/${pid}/cwd`)).toBe('/srv/r1');
  });

  test('start with the machine, but for what runs on the leader alone; that makes a missed run up once', async () => {
    const cleaned = () => output('grep -c . /var/lib/wsgi/cleaned; true').then(Number);
    const before = await cleaned();
    await output('touch -d "3 days ago" /var/lib/systemd/timers/stamp-wsgi-cleanup.timer');
    await machine.reboot();
    await expect.poll(running, { timeout: 30_000 }).toBe('wsgi-worker@1.service\nwsgi-worker@2.service');
    await model.advance('5m');
    expect((await running()).split('\n').sort()).toEqual([
      'wsgi-beat@1.service',
      'wsgi-cleanup.timer',
      'wsgi-worker@1.service',
      'wsgi-worker@2.service',
    ]);
    await expect.poll(cleaned, { timeout: 20_000 }).toBe(before + 1);
    expect(await pageOf(model)).toBe('r1');
    const [pid] = await pids('wsgi-worker@1.service');
    await output(`kill -KILL ${pid}`);
    await expect.poll(() => pids('wsgi-worker@1.service'), { timeout: 20_000 }).not.toContain(0);
    expect(await pids('wsgi-worker@1.service')).not.toEqual([pid]);
    await model.advance('5m');
    expect(await cleaned()).toBe(before + 1);
  });

  test('go with the unit, but for what an operator has put there', async () => {
    await model.removeUnit('wsgi/0');
    expect(await output('systemctl list-units --all --plain --no-legend "wsgi-*"')).toBe('');
    const places = ['system', 'system/*.wants'].map((place) => `/etc/systemd/${place}/*wsgi-*`).join(' ');
    expect(await output(`ls -d ${places} 2>/dev/null; true`)).toBe('/etc/systemd/system/wsgi-worker@.service.d');
    expect(await output('ls -d /usr/local/bin/wsgi-run /var/lib/systemd/timers/*wsgi* 2>/dev/null; true')).toBe('');
    expect(await output('ps -u wsgi -o args=; true')).toBe('');
  });
});

/** A charm that does nothing. */
async function idleCharm(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-idle-'));
  await writeFile(join(folder, 'metadata.yaml'), 'name: idle\nsummary: Idles.\ndescription: Idles.\n');
  return folder;
}
