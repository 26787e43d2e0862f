/** What an application may do on a real machine: what ordinary programs do, and nothing to what is not its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { LocalMachine } from '../../packages/local-juju/machine.ts';
import { NOT_ROOT, outputOf, packedCharm, realModel } from '../setup/real-machines.ts';
import { archiveOf, page, QUICK, statusOf } from '../setup/wsgi-model.ts';

const ORDINARY = {
  BUILD_LABEL: 'ordinary',
  'wsgi.py': `
import os, subprocess
def tried(name, step):
    try:
        return '%s %s' % (name, step())
    except Exception as problem:
        return '%s: %r' % (name, problem)
def setgid():
    folder = os.path.expanduser('~/shared')
    os.makedirs(folder, exist_ok=True)
    os.chmod(folder, 0o2770)
    return oct(os.stat(folder).st_mode & 0o7777)
def ran(*argv):
    return lambda: subprocess.run(argv, capture_output=True, text=True).stderr or 'ran'
def batch():
    os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    return os.sched_getscheduler(0) == os.SCHED_BATCH
def pinned():
    cpu = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cpu})
    return os.sched_getaffinity(0) == {cpu}
def limited():
    import resource
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return resource.getrlimit(resource.RLIMIT_CORE)
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    if environ['PATH_INFO'] == '/':
        return [b'here']
    lines = [
        tried('setgid', setgid), tried('batch', batch), tried('pinned', pinned), tried('limited', limited),
        tried('ionice', ran('ionice', '-c', '3', 'true')), tried('nice', ran('nice', '-n', '5', 'true')),
        tried('chrt', ran('chrt', '--batch', '0', 'true')), tried('os.nice', lambda: os.nice(1) > 0),
    ]
    return ['\\n'.join(lines).encode()]
`,
};

describe.skipIf(NOT_ROOT)('an application on a real machine', () => {
  let model: LocalModel;
  let machine: LocalMachine;

  beforeAll(async () => {
    model = await realModel();
    await model.deploy(await packedCharm(), {
      application: 'wsgi',
      config: { port: '8080', ...QUICK },
      resources: { build: await archiveOf(ORDINARY) },
    });
    machine = await model.machine('0');
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving ordinary on port 8080' });
  });
  afterAll(() => model?.destroy());

  test('lowers its priority, chooses processors, schedules a batch and shares a folder with a group', async () => {
    expect((await page(model, '/ordinary')).split('\n')).toEqual([
      'setgid 0o2770',
      'batch True',
      'pinned True',
      'limited (0, 0)',
      'ionice ran',
      'nice ran',
      'chrt ran',
      'os.nice True',
    ]);
  });

  test('is confined all the same', async () => {
    const rating = await outputOf(machine, 'systemd-analyze security --no-pager gunicorn3.service | tail -1');
    expect(Number(/level for gunicorn3\.service: ([0-9.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(1.5);
  });
});
