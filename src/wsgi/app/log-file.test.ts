import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Charm, loadCharm, run, type State, state } from '../../../packages/charm-testing/index.ts';
import { logRotation } from './log-file.ts';

const LOG = '/var/log/shop.log';
const ROTATION = '/etc/logrotate.d/gunicorn3';

let charm: Charm;
/** Serves, and logs into no file. */
let served: State;
let logging: State;

beforeAll(async () => {
  charm = await loadCharm('.');
  const config = { settle_time: 0, wsgi_logfile_path: '' };
  served = await run(charm, 'install', state({ unit: 'wsgi/0', config }));
  logging = await logTo(LOG);
});

function logTo(path: string, world: Partial<State> = {}, from: State = served): Promise<State> {
  const config = { ...from.config, wsgi_logfile_path: path };
  return run(charm, 'config-changed', state({ ...from, ...world, config }));
}

test('without a path there is no file, and nothing to rotate', () => {
  expect(served.files).not.toHaveProperty([ROTATION]);
  expect(served.status.status).toBe('active');
});

test('the file is there before the application starts, for its user alone, and is rotated', () => {
  expect(logging.files[LOG]).toBe('');
  expect(logging.modes[LOG]).toBe(0o600);
  expect(logging.files[ROTATION]).toMatch(/^# Owner: wsgi\/0\n".*\/var\/log\/shop.log" \{\n/);
  expect(logging.status.status).toBe('active');
});

test('what was logged stays, and is closed to others again', async () => {
  const after = await logTo(LOG, { files: { ...logging.files, [LOG]: 'a line\n' }, modes: { [LOG]: 0o666 } }, logging);
  expect(after.files[LOG]).toBe('a line\n');
  // Nothing that a hook compares has changed, so that it needs one that looks.
  const looked = await run(charm, 'upgrade-charm', after);
  expect(looked.modes[LOG]).toBe(0o600);
});

test('a hook that was ended before its record was written does not find its own file foreign', async () => {
  const { '/opt/gunicorn3/logs': _, ...files } = logging.files;
  expect(Object.keys(files)).toHaveLength(Object.keys(logging.files).length - 1);
  const after = await logTo(LOG, { files, interrupted: true }, logging);
  expect(after.status).toMatchObject({ status: 'active' });
});

test('another path is rotated in its place, and none not at all; the logs stay', async () => {
  const moved = await logTo('/var/log/other.log', {}, logging);
  expect(moved.files[ROTATION]).toContain('/var/log/other.log"');
  expect(moved.files[ROTATION]).not.toContain('shop.log');
  const none = await logTo('', {}, moved);
  expect(none.files).not.toHaveProperty([ROTATION]);
  expect(none.files).toMatchObject({ [LOG]: '', '/var/log/other.log': '' });
  // Both are known as the application's own still.
  expect((await logTo(LOG, {}, none)).status.status).toBe('active');
});

describe('is refused, and untouched, where the path is', () => {
  const theirs = 'of somebody else\n';
  const worlds: Record<string, Partial<State>> = {
    'somebody else’s file': { files: { [LOG]: theirs } },
    'a link to a file': { files: { '/etc/theirs': theirs }, links: { [LOG]: '/etc/theirs' } },
    'a link to nothing': { links: { [LOG]: '/etc/new' } },
    'a folder': { files: { [`${LOG}/`]: '' } },
  };
  test.for(Object.entries(worlds))('%s', async ([, world]) => {
    const files = { ...served.files, ...world.files };
    const links = { ...served.links, ...world.links };
    const after = await logTo(LOG, { files, links });
    expect(after.status).toEqual({
      status: 'blocked',
      message: `wsgi_logfile_path: ${LOG} is there and not a log of this application; choose another`,
    });
    expect(after.files).toMatchObject(world.files ?? {});
    expect(after.links).toMatchObject(world.links ?? {});
    expect(after.files).not.toHaveProperty(['/etc/new']);
    expect(after.files).not.toHaveProperty([ROTATION]);
    expect(after.services['gunicorn3.service']).toMatchObject({ active: true });
  });
});

const spec = { owner: 'wsgi/0', logFile: '/var/log/wsgi.service.log', user: 'shop', group: 'web', rootsFolder: true };

test('the file stays the application user’s alone, and no signal is sent', () => {
  expect(logRotation(spec)).toBe(
    `# Owner: wsgi/0
"/var/log/wsgi.service.log" {
    weekly
    maxsize 100M
    rotate 8
    missingok
    notifempty
    compress
    delaycompress
    su root root
    create 0600 shop web
}
`,
  );
});

test('in a folder of the application logrotate is nobody but the application’s user', () => {
  expect(logRotation({ ...spec, rootsFolder: false })).toContain('    su shop web\n');
});

const canRotate = existsSync('/usr/sbin/logrotate') && process.geteuid?.() === 0;
const NOBODY = 65534;
test.runIf(canRotate).each([true, false])('the real logrotate takes it, root’s folder or not (%s)', (rootsFolder) => {
  const root = mkdtempSync(join(tmpdir(), 'log-rotation-'));
  try {
    chmodSync(root, 0o755);
    const folder = join(root, 'log');
    mkdirSync(folder);
    const logFile = join(folder, 'app.log');
    writeFileSync(logFile, 'line\n', { mode: 0o600 });
    for (const path of [logFile, ...(rootsFolder ? [] : [folder])]) chownSync(path, NOBODY, NOBODY);
    writeFileSync(
      join(root, 'gunicorn3'),
      logRotation({ ...spec, logFile, user: 'nobody', group: 'nogroup', rootsFolder }),
    );
    const args = ['--force', '--state', join(root, 'state'), join(root, 'gunicorn3')];
    execFileSync('/usr/sbin/logrotate', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(readdirSync(folder)).toEqual(['app.log', 'app.log.1']);
    expect(readFileSync(`${logFile}.1`, 'utf8')).toBe('line\n');
    expect(lstatSync(logFile)).toMatchObject({ uid: NOBODY, gid: NOBODY, size: 0 });
    expect(lstatSync(logFile).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.each(['/srv/current/app.log', '/srv/latest/log/app.log', '/srv/r1/app.log', '/srv/current'])(
  'a log file in a build (%s) is refused at the first deploy, and a reset mends it',
  async (wsgi_logfile_path) => {
    const config = { settle_time: 0, wsgi_logfile_path };
    const first = await run(charm, 'install', state({ unit: 'wsgi/0', config }));
    expect(first.status).toEqual({
      status: 'blocked',
      message: `wsgi_logfile_path: ${wsgi_logfile_path} is in a build, and lost with it; /var/log/NAME.log or /srv/log/NAME.log is right`,
    });
    const after = await run(charm, 'config-changed', state({ ...first, config: { settle_time: 0 } }));
    expect(after.status).toEqual({ status: 'active', message: 'serving r1 on port 80' });
  },
);
