/** Workers, schedulers and commands of an application, as processes. */
import { describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import { outputOf } from '../setup/real-machines.ts';
import { answering, archiveOf, deployWsgi, newModel, page, statusOf } from '../setup/wsgi-model.ts';

/** Notes what it is given, and then waits for its end, which it notes too. */
const WORKER = [
  'import os, signal, sys, time',
  'def note(what):',
  "    with open(os.path.expanduser('~/notes'), 'a') as notes:",
  "        notes.write(what + '\\n')",
  'def end(*_):',
  "    note('%s ended' % sys.argv[1])",
  '    sys.exit(0)',
  'signal.signal(signal.SIGTERM, end)',
  "note('%s %s' % (sys.argv[1], os.environ.get('GREETING')))",
  "print('at work', flush=True)",
  'while True: time.sleep(60)',
  '',
].join('\n');

function build(label: string, procfile: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  return archiveOf({
    BUILD_LABEL: label,
    'wsgi.py': answering(`'${label}'`),
    'worker.py': WORKER,
    Procfile: procfile,
    ...more,
  });
}

async function shell(model: LocalModel, script: string, machine = '0'): Promise<string> {
  return outputOf(await model.machine(machine), script);
}

/** Instances that run, with their main processes. */
async function running(model: LocalModel, machine = '0'): Promise<string[]> {
  const units = await shell(
    model,
    "systemctl list-units --plain --no-legend 'wsgi-*@*.service' | cut -d' ' -f1",
    machine,
  );
  return units
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

const notes = (model: LocalModel) => shell(model, 'cat var/lib/wsgi/notes');
const mainProcess = (model: LocalModel, unit: string) => shell(model, `systemctl show -p MainPID --value ${unit}`);

describe('the processes of a Procfile', () => {
  test('run beside the web server, as many as the option says, and go with the unit', async () => {
    await using model = await newModel();
    const procfile = `web: gunicorn shop\nworker: python worker.py "a  $GREETING"\nmy-odd.name: true && exec python worker.py odd | cat\n`;
    await deployWsgi(
      model,
      { environment_variables: 'GREETING=hello' },
      { resources: { build: await build('r1', procfile) } },
    );
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r1 on port 8080' });
    expect(await page(model)).toBe('r1');
    expect(await running(model)).toEqual(['wsgi-my\\x2dodd.name@1.service', 'wsgi-worker@1.service']);
    const first = await mainProcess(model, 'wsgi-worker@1.service');

    await model.config('wsgi', { processes: 'worker=2 my-odd.name=0' });
    expect(await running(model)).toEqual(['wsgi-worker@1.service', 'wsgi-worker@2.service']);
    expect(await mainProcess(model, 'wsgi-worker@1.service')).toBe(first);
    expect(await shell(model, 'journalctl -u wsgi-worker@2.service -o cat')).toContain('at work');

    await model.config('wsgi', { environment_variables: 'GREETING=bye' });
    expect((await notes(model)).split('\n')).toEqual(
      expect.arrayContaining(['a  hello hello', 'a  hello ended', 'odd hello', 'a  bye bye']),
    );

    await model.config('wsgi', { processes: 'wroker=2' });
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'processes: the application has no process wroker; it has my-odd.name, worker',
    });
    expect(await running(model)).toEqual(['wsgi-worker@1.service', 'wsgi-worker@2.service']);
  });

  test('are one release with the web server: refused as a whole when one of them dies, and taken back', async () => {
    await using model = await newModel();
    await deployWsgi(
      model,
      { settle_time: '1' },
      { resources: { build: await build('r1', 'worker: python worker.py r1\n') } },
    );
    const web = await mainProcess(model, 'gunicorn3.service');
    const broken = { 'broken.py': "import time\ntime.sleep(0.2)\nraise RuntimeError('no broker')\n" };
    await model.attachResource(
      'wsgi',
      'build',
      await build('r2', 'worker: python broken.py\nmore: python worker.py r2\n', broken),
    );
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'build r2 does not start: process worker does not stay: RuntimeError: no broker',
    });
    expect(await page(model)).toBe('r1');
    expect(await mainProcess(model, 'gunicorn3.service')).toBe(web);
    expect(await running(model)).toEqual(['wsgi-worker@1.service']);
    expect((await notes(model)).split('\n').filter((line) => line.startsWith('r1'))).toEqual([
      'r1 None',
      'r1 ended',
      'r1 None',
    ]);
    expect(await shell(model, 'ls etc/systemd/system | grep wsgi-')).toBe('wsgi-worker@.service');

    await model.attachResource('wsgi', 'build', await build('r3', 'mailer: python worker.py r3\n'));
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving r3 on port 8080' });
    expect(await running(model)).toEqual(['wsgi-mailer@1.service']);
    expect(await shell(model, 'ls etc/systemd/system | grep wsgi-')).toBe('wsgi-mailer@.service');

    await model.attachResource('wsgi', 'build', await build('r4', 'mailer python worker.py\n'));
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: 'Procfile of build r4: line 1 has no colon; NAME: COMMAND is right, such as worker: python worker.py',
    });
    expect(await running(model)).toEqual(['wsgi-mailer@1.service']);
  });

  test('may be all there is: nothing listens then', async () => {
    await using model = await newModel();
    const procfile = 'worker: python worker.py w\nrelease: echo released >> ~/notes\n';
    await deployWsgi(
      model,
      { wsgi_module: '', processes: 'worker=2' },
      { resources: { build: await build('r1', procfile) } },
    );
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'running worker=2' });
    expect((await notes(model)).split('\n')).toEqual(['released', 'w None', 'w None']);
    expect(await shell(model, 'ls etc/systemd/system | grep -c gunicorn3 || true')).toBe('0');

    await model.config('wsgi', { wsgi_module: 'wsgi:application' });
    expect(await page(model)).toBe('r1');
    await model.config('wsgi', { wsgi_module: '' });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'running worker=2' });
    await expect(page(model)).rejects.toThrow();
  });
});

describe('a scheduler', () => {
  test('runs on the leader alone, and on the next one when that goes', async () => {
    await using model = await newModel();
    const procfile = 'beat: python worker.py beat\ncleanup: echo cleaned >> ~/notes\nworker: python worker.py w\n';
    await deployWsgi(
      model,
      { schedules: 'cleanup=daily' },
      { units: 2, resources: { build: await build('r1', procfile) } },
    );
    const timers = (machine: string) => shell(model, 'systemctl is-active wsgi-cleanup.timer || true', machine);
    expect(await running(model, '0')).toEqual(['wsgi-beat@1.service', 'wsgi-worker@1.service']);
    expect(await running(model, '1')).toEqual(['wsgi-worker@1.service']);
    expect([await timers('0'), await timers('1')]).toEqual(['active', 'inactive']);
    await shell(model, 'systemctl start wsgi-cleanup.service');
    expect(await notes(model)).toContain('cleaned');

    await model.removeUnit('wsgi/0');
    expect(await running(model, '1')).toEqual(['wsgi-beat@1.service', 'wsgi-worker@1.service']);
    expect(await timers('1')).toBe('active');

    await model.config('wsgi', { schedules: 'cleanup=dayly' });
    expect(await statusOf(model, 'wsgi/1')).toMatchObject({
      current: 'blocked',
      message: expect.stringMatching(
        /^schedules: cleanup="dayly" is no time that systemd knows: .*; cleanup=daily is right$/,
      ),
    });
    expect(await timers('1')).toBe('active');
  });
});
