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

/** Counts visits in a file beside itself, as Django's settings and many tutorials have it. */
const VISITS = (label: string) => ({
  BUILD_LABEL: label,
  'wsgi.py': `
import os, sqlite3
def application(environ, start_response):
    db = sqlite3.connect(os.path.join(os.path.dirname(__file__), 'db.sqlite3'))
    db.execute('create table if not exists visits (a)')
    db.execute('insert into visits values (1)')
    db.commit()
    (count,) = db.execute('select count(*) from visits').fetchone()
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(count).encode()]
`,
});

/** Reads a table that it makes when it is run. */
const READS = `
import os, sqlite3
NAME = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'site.db')
def application(environ, start_response):
    (count,) = sqlite3.connect(NAME).execute('select count(*) from visits').fetchone()
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [str(count).encode()]
if __name__ == '__main__':
    with sqlite3.connect(NAME) as db:
        db.execute('create table if not exists visits (a)')
`;

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

  test('that writes a database in its build is told what to add to data_paths, and then keeps it over builds', async () => {
    await model.attachResource('wsgi', 'build', await archiveOf(VISITS('visits')));
    expect(await statusOf(model)).toEqual({
      current: 'blocked',
      message: expect.stringMatching(
        /^build visits does not start: .*OperationalError: unable to open database file; a build is read-only: add .*db\.sqlite3.* to data_paths$/,
      ),
    });
    expect(await page(model)).toBe('here');
    await model.config('wsgi', { data_paths: 'db.sqlite3' });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving visits on port 8080' });
    const before = Number(await page(model));
    await model.attachResource('wsgi', 'build', await archiveOf(VISITS('visits2')));
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving visits2 on port 8080' });
    expect(Number(await page(model))).toBeGreaterThan(before);
  });

  test('that makes a folder when it is imported is told so', async () => {
    const build = {
      BUILD_LABEL: 'folder',
      'wsgi.py': "import os\nos.makedirs(os.path.join(os.path.dirname(__file__), 'instance'))\n",
    };
    await model.attachResource('wsgi', 'build', await archiveOf(build));
    expect((await statusOf(model)).message).toMatch(
      /Read-only file system: '\/srv\/folder\/instance'; a build is read-only: add instance to data_paths$/,
    );
  });

  test('whose provision_command makes a database in the build is told so until it is a data path', async () => {
    const build = { ...VISITS('migrated'), 'wsgi.py': READS };
    await model.config('wsgi', { data_paths: '', provision_command: 'python wsgi.py' });
    await model.attachResource('wsgi', 'build', await archiveOf(build));
    const line =
      'provision_command: made site.db in the build, where the application cannot write it: add it to data_paths';
    expect(await statusOf(model)).toEqual({ current: 'blocked', message: line });
    expect(await page(model)).toBe('0');
    await model.advance('5m');
    expect(await statusOf(model)).toEqual({ current: 'blocked', message: line });
    await model.config('wsgi', { data_paths: 'site.db' });
    expect(await statusOf(model)).toEqual({ current: 'active', message: 'serving migrated on port 8080' });
    expect(await page(model)).toBe('0');
    expect(await outputOf(machine, 'stat -c %U /var/lib/wsgi/data/site.db')).toBe('wsgi');
  });

  test('is confined all the same', async () => {
    const rating = await outputOf(machine, 'systemd-analyze security --no-pager gunicorn3.service | tail -1');
    expect(Number(/level for gunicorn3\.service: ([0-9.]+)/.exec(rating)?.[1])).toBeLessThanOrEqual(1.5);
  });
});
