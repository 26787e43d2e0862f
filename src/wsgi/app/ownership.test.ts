import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../reactive/types.ts';
import { createMachine } from '../../system/real-machine.ts';
import { takeOver } from './ownership.ts';

const isRoot = process.geteuid?.() === 0;
const BEFORE = 4321;
const OTHER = 4322;
const NOBODY = { user: 'nobody', group: 'nogroup' };
const [UID, GID] = [65534, 65534];

let root: string;
let data: Map<string, Json>;
let lines: string[];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'ownership-'));
  chmodSync(root, 0o755);
  data = new Map();
  lines = [];
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, uid: number): void {
  mkdirSync(join(root + path, '..'), { recursive: true });
  writeFileSync(root + path, 'x', { mode: 0o600 });
  chownSync(root + path, uid, uid);
}

const owner = (path: string) => [lstatSync(root + path).uid, lstatSync(root + path).gid];

function take(): Promise<void> {
  const juju = { log: (_level: string, line: string) => void lines.push(line) };
  const kept = { get: (key: string) => data.get(key), set: (key: string, value: Json) => void data.set(key, value) };
  return takeOver({ machine: createMachine(root), data: kept, juju }, '/srv', NOBODY);
}

test.runIf(isRoot)('what others wrote before is the user’s: data, builds, logs and what was rotated', async () => {
  for (const [path, uid] of [
    ['/var/lib/wsgi/data/site.sqlite3', BEFORE],
    ['/var/lib/wsgi/data/media/deep/a', OTHER],
    ['/var/lib/wsgi/data/__pycache__/a', BEFORE],
    ['/srv/r1/app.py', BEFORE],
    ['/opt/gunicorn3/venvs/cache/wheel', BEFORE],
    ['/var/log/wsgi.service.log', BEFORE],
    ['/var/log/wsgi.service.log.2.gz', OTHER],
    ['/var/log/wsgi.service.logic', BEFORE],
    ['/var/log/syslog', BEFORE],
  ] as const)
    file(path, uid);
  execFileSync('chown', ['-R', `${BEFORE}:${BEFORE}`, `${root}/var/lib/wsgi/data/media`]);
  symlinkSync('/etc/passwd', `${root}/var/lib/wsgi/data/link`);
  execFileSync('chown', ['-h', `${BEFORE}`, `${root}/var/lib/wsgi/data/link`]);
  writeFileSync(`${root}/opt/gunicorn3/logs`, '/var/log/wsgi.service.log\n');
  await take();
  for (const path of [
    '/var/lib/wsgi/data/site.sqlite3',
    '/var/lib/wsgi/data/media',
    '/var/lib/wsgi/data/media/deep/a',
    '/var/lib/wsgi/data/__pycache__/a',
    '/var/lib/wsgi/data/link',
    '/srv/r1/app.py',
    '/opt/gunicorn3/venvs/cache/wheel',
    '/var/log/wsgi.service.log',
    '/var/log/wsgi.service.log.2.gz',
  ])
    expect(owner(path), path).toEqual([UID, GID]);
  for (const path of ['/var/log/wsgi.service.logic', '/var/log/syslog'])
    expect(owner(path), path).toEqual([BEFORE, BEFORE]);
  expect(lstatSync('/etc/passwd').uid).toBe(0);
  expect(lines).toContain(`what user ${BEFORE} wrote in /var/lib/wsgi is given to nobody`);
});

test.runIf(isRoot)('root’s files stay root’s, and a second look costs no walk', async () => {
  file('/var/lib/wsgi/data/operators', 0);
  await take();
  expect(owner('/var/lib/wsgi/data/operators')).toEqual([0, 0]);
  expect(lines).toEqual([]);
  file('/var/lib/wsgi/data/late', BEFORE);
  await take();
  expect(owner('/var/lib/wsgi/data/late')).toEqual([BEFORE, BEFORE]);
  data.clear();
  await take();
  expect(owner('/var/lib/wsgi/data/late')).toEqual([UID, GID]);
});
