import { execFileSync } from 'node:child_process';
import {
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
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureLogRotation, type LogRotation, removeLogRotation } from './logrotate.ts';
import type { Machine } from './machine.ts';
import { createMachine } from './real-machine.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'logrotate-'));
  machine = createMachine(root);
  mkdirSync(`${root}/var/log`, { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true }));

const rotation: LogRotation = {
  owner: 'wsgi/0',
  path: '/var/log/app.log',
  user: 'nobody',
  group: 'nogroup',
  mode: 0o600,
  weeks: 8,
  maxSize: '100M',
};

test('the configuration is written once, and goes with its owner alone', async () => {
  expect(await ensureLogRotation(machine, 'app', rotation)).toBe(true);
  expect(await ensureLogRotation(machine, 'app', rotation)).toBe(false);
  await expect(ensureLogRotation(machine, 'app', { ...rotation, owner: 'other/1' })).rejects.toThrow(
    '/etc/logrotate.d/app belongs to wsgi/0; move it away',
  );
  expect(await removeLogRotation(machine, 'app', 'other/1')).toBe(false);
  expect(await removeLogRotation(machine, 'app', 'wsgi/0')).toBe(true);
  expect(await removeLogRotation(machine, 'app', 'wsgi/0')).toBe(false);
});

test("an operator's own file is left alone", async () => {
  mkdirSync(`${root}/etc/logrotate.d`, { recursive: true });
  writeFileSync(`${root}/etc/logrotate.d/app`, '/x {}\n');
  await expect(ensureLogRotation(machine, 'app', rotation)).rejects.toThrow('belongs to somebody else');
  expect(await removeLogRotation(machine, 'app', 'wsgi/0')).toBe(false);
});

const canRotate = existsSync('/usr/sbin/logrotate') && process.geteuid?.() === 0;
test.runIf(canRotate).each(['root', 'nobody'])('the real logrotate takes it in a folder of %s', async (user) => {
  const folder = user === 'root' ? '/var/log' : '/srv/log';
  mkdirSync(`${root}${folder}`, { recursive: true });
  execFileSync('chmod', ['755', root]);
  if (user === 'nobody') chownSync(`${root}${folder}`, 65534, 65534);
  const path = `${folder}/app.log`;
  writeFileSync(`${root}${path}`, 'line\n', { mode: 0o600 });
  chownSync(`${root}${path}`, 65534, 65534);
  await ensureLogRotation(machine, 'app', { ...rotation, path });
  const args = ['--force', '--state', `${root}/state`, `${root}/etc/logrotate.d/app`];
  execFileSync('/usr/sbin/logrotate', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  expect(readdirSync(`${root}${folder}`)).toEqual(['app.log', 'app.log.1']);
  expect(readFileSync(`${root}${path}.1`, 'utf8')).toBe('line\n');
  expect(lstatSync(`${root}${path}`)).toMatchObject({ uid: 65534, gid: 65534, size: 0 });
  expect(lstatSync(`${root}${path}`).mode & 0o777).toBe(0o600);
});
