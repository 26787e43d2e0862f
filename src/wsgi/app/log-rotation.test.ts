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
import { expect, test } from 'vitest';
import { logRotation } from './log-rotation.ts';

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
