/** What people type around a model: pipes, packing by hand, `make curl`. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa, type Options } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';

const CLI = join(PROJECT, 'src/cli.ts');
const ACTIVE = '#!/bin/sh\nstatus-set active ready\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'command-line-'));
});
afterEach(async () => {
  await cli('local', 'destroy');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function run(program: string, args: readonly string[], options: Options = {}) {
  return execa(program, args, {
    cwd: PROJECT,
    env: { XDG_STATE_HOME: folder, NO_COLOR: '1' },
    reject: false,
    ...options,
  });
}

function cli(...args: string[]) {
  return run(process.execPath, [CLI, ...args]);
}

async function succeed(...args: string[]): Promise<void> {
  const { exitCode, stderr } = await cli(...args);
  expect(exitCode, String(stderr)).toBe(0);
}

/** A charm that is hooks and metadata. */
function charm(name: string, more = ''): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'hooks'), { recursive: true });
  writeFileSync(join(path, 'metadata.yaml'), `name: ${name}\nsummary: s\ndescription: d\n${more}`);
  for (const hook of ['install', 'start']) {
    writeFileSync(join(path, 'hooks', hook), ACTIVE);
    chmodSync(join(path, 'hooks', hook), 0o755);
  }
  return path;
}

test('a reader that has read enough ends a command without a word', async () => {
  await succeed('local', 'deploy', charm('plain'), 'app');
  for (const command of ['local --help', 'local debug-log --replay', 'local debug-log --follow', 'local status']) {
    const ended = await run('bash', [
      '-c',
      `"$0" "$1" ${command} | true; echo "\${PIPESTATUS[0]}"`,
      process.execPath,
      CLI,
    ]);
    expect([command, ended.stdout, ended.stderr]).toEqual([command, '0', '']);
  }
});

test('a command on every unit works with a subordinate in the model', async () => {
  const endpoint = (role: string) => `${role}:\n  info: {interface: info, scope: container}\n`;
  await succeed('local', 'deploy', charm('plain', endpoint('provides')), 'app');
  await succeed('local', 'deploy', charm('beside', `subordinate: true\n${endpoint('requires')}`), 'sub');
  await succeed('local', 'integrate', 'app:info', 'sub:info');
  const ask = (...args: string[]) =>
    run(process.execPath, ['scripts/ask-units.ts', ...args], {
      env: { XDG_STATE_HOME: folder, JUJU: `${process.execPath} ${CLI} local` },
    });
  const asked = await ask('app', 'echo hi');
  expect(asked.stdout, String(asked.stderr)).toContain("Stdout: 'hi'\n  UnitId: app/0");
  expect(await ask('sub', 'echo hi')).toMatchObject({ exitCode: 1, stderr: 'sub has no unit of its own' });
});

test('with the oddities of Juju 4 a folder is refused, and what pack makes of it is taken', async () => {
  await succeed('local', 'add-model', 'odd', '--quirks');
  const path = charm('plain');
  const refused = await cli('local', '-m', 'odd', 'deploy', path);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toBe(
    `ERROR ${path} is a folder, and Juju 4 deploys archives only; pack it first: wsgi-charm pack ${path}`,
  );
  for (let i = 0; i < 2; i += 1) await succeed('pack', path);
  await succeed('local', '-m', 'odd', 'deploy', join(path, 'dist/plain.charm'));
  expect((await cli('local', '-m', 'odd', 'status')).stdout).toMatch(/plain\/0\* +active +idle/);
  await succeed('local', '-m', 'odd', 'destroy');
});

test('a charm of layer:basic, which would write into the home of root, is refused in a sandbox unless it prepares itself', async () => {
  await succeed('local', 'add-model', 'layered');
  const path = charm('layered');
  for (const name of ['wheelhouse', 'lib/charms/layer', 'exec.d/own']) mkdirSync(join(path, name), { recursive: true });
  writeFileSync(join(path, 'lib/charms/layer/basic.py'), '');
  const refused = await cli('local', '-m', 'layered', 'deploy', path);
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toMatch(
    /^ERROR layered is made with layer:basic, which writes to \/root and installs packages/,
  );
  writeFileSync(join(path, 'exec.d/own/charm-pre-install'), '');
  await succeed('local', '-m', 'layered', 'deploy', path);
  await succeed('local', '-m', 'layered', 'destroy');
});
