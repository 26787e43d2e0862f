/** An application that swaps its folders for links, as fast as it can, while root works in them. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { unpack } from '../../src/system/archives/unpack.ts';
import { digestTree } from '../../src/system/digest.ts';
import { MachineError } from '../../src/system/errors.ts';
import { giveTree, removeTree } from '../../src/system/files.ts';
import type { Machine } from '../../src/system/machine.ts';
import { makeReadOnly } from '../../src/system/read-only-tree.ts';
import { createMachine } from '../../src/system/real-machine.ts';
import { replaceContent } from '../../src/system/replace-content.ts';
import { readRequirements } from '../../src/system/requirements.ts';
import { ensureLogFile } from '../../src/wsgi/app/log-file.ts';
import { ensureDataInPlace, linkData } from '../../src/wsgi/source/data-paths.ts';
import { Problem } from '../../src/wsgi/status.ts';

const NOT_ROOT = process.geteuid?.() !== 0;
const SWAP = join(import.meta.dirname, '../hostile/swap.py');
const ROUNDS = 200;
const NOBODY = { user: 'nobody', group: 'nogroup' };
const [UID, GID] = [65534, 65534];
const MARK = 'only root may know';

describe.skipIf(NOT_ROOT)('while an application swaps its folders for links', () => {
  let root: string;
  let machine: Machine;
  let swapper: ChildProcess | undefined;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'hostile-'));
    chmodSync(root, 0o755);
    machine = createMachine(root);
    mkdirSync(`${root}/secret/keys`, { recursive: true, mode: 0o700 });
    writeFileSync(`${root}/secret/keys/key`, MARK, { mode: 0o600 });
    writeFileSync(`${root}/secret/requirements.txt`, `${MARK}\n`, { mode: 0o600 });
  });
  afterEach(async () => {
    swapper?.kill('SIGKILL');
    if (swapper?.exitCode === null && swapper.signalCode === null) await once(swapper, 'exit');
    swapper = undefined;
    rmSync(root, { recursive: true, force: true });
  });

  /** Names, owners, modes and contents of what is nobody's business. */
  const secret = () => listed(`${root}/secret`);

  function own(path: string, content?: string): void {
    if (content === undefined) mkdirSync(root + path, { mode: 0o755 });
    else writeFileSync(root + path, content, { mode: 0o644 });
    chownSync(root + path, UID, GID);
  }

  function link(path: string, target: string): void {
    execFileSync('setpriv', ['--reuid=nobody', '--clear-groups', 'ln', '-s', target, root + path]);
  }

  async function swap(...paths: string[]): Promise<void> {
    const words = paths.map((path) => root + path);
    swapper = spawn('setpriv', ['--reuid=nobody', '--clear-groups', '/usr/bin/python3', SWAP, ...words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (swapper.stdout !== null) await once(swapper.stdout, 'data');
  }

  /** What a hook would say in its status is fine; anything else would fail the hook. */
  async function orSaysWhy(step: () => unknown): Promise<boolean> {
    try {
      await step();
      return true;
    } catch (error) {
      if (!(error instanceof Problem || error instanceof MachineError)) throw error;
      return false;
    }
  }

  test('data of a build is taken over, and nothing else is', async () => {
    const before = secret();
    own('/srv');
    mkdirSync(`${root}/var/lib`, { recursive: true });
    own('/var/lib/wsgi');
    link('/srv/away', `${root}/secret`);
    link('/var/lib/wsgi/away', `${root}/secret`);
    own('/var/lib/wsgi/data');
    own('/srv/r1');
    await swap('/srv/r1', '/srv/away', '/var/lib/wsgi/data', '/var/lib/wsgi/away');
    let linked = 0;
    for (let round = 0; round < ROUNDS; round++) {
      execFileSync('setpriv', [
        '--reuid=nobody',
        '--clear-groups',
        'sh',
        '-c',
        'cd "$1/srv" && for d in r1 away; do rm -rf "$d/keys" "$d"/keys.shipped; mkdir "$d/keys" && echo x >"$d/keys/x"; done 2>/dev/null; true',
        'sh',
        root,
      ]);
      if (await orSaysWhy(() => linkData(machine, '/srv/r1', ['keys'], NOBODY))) linked++;
      await orSaysWhy(() => ensureDataInPlace(machine, '/srv/r1', ['requirements.txt', 'keys/deep'], NOBODY));
      expect(secret()).toEqual(before);
    }
    expect(linked).toBeGreaterThan(0);
    swapper?.kill('SIGKILL');
    expect(grep(`${root}/srv`) + grep(`${root}/var`)).toBe('');
  });

  test('content is replaced, unpacked and given in place, and none of it lands elsewhere', async () => {
    const before = secret();
    mkdirSync(`${root}/in/keys`, { recursive: true });
    writeFileSync(`${root}/in/keys/key`, 'of the application');
    writeFileSync(`${root}/in/requirements.txt`, 'flask\n');
    execFileSync('tar', ['-C', `${root}/in`, '-czf', `${root}/build.tar.gz`, '.']);
    own('/app');
    own('/app/keys');
    link('/app/away', `${root}/secret`);
    await swap('/app/keys', '/app/away', '/app/fresh.unpacking', '/app/away', '/app/fresh', '/app/away');
    let replaced = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const fresh = await orSaysWhy(async () => {
        await removeTree(machine, '/app/fresh');
        const unpacked = await unpack(machine, '/build.tar.gz', '/app/fresh');
        if (!unpacked.ok) throw new MachineError(unpacked.reason);
        await replaceContent(machine, '/app', 'fresh', { keep: ['keys/kept'] });
        await giveTree(machine, '/app', { owner: NOBODY.user, group: NOBODY.group });
      });
      if (fresh) replaced++;
      if (!readdirSync(`${root}/app`).includes('away')) link('/app/away', `${root}/secret`);
      expect(secret()).toEqual(before);
    }
    expect(replaced).toBeGreaterThan(0);
    swapper?.kill('SIGKILL');
    expect(grep(`${root}/app`)).toBe('');
  });

  test('a build is read, and no file elsewhere is', async () => {
    own('/app');
    own('/app/keys');
    own('/app/keys/key', 'of the application');
    link('/app/away', `${root}/secret/keys`);
    own('/app/requirements.txt', '-r sub/requirements.txt\n');
    own('/app/sub');
    own('/app/sub/requirements.txt', 'flask\n');
    link('/app/sub-away', `${root}/secret`);
    const digest = () => digestTree(machine, '/app', { exclude: ['sub', 'sub-away', 'away'] });
    const mine = await digest();
    await swap('/app/keys', '/app/away', '/app/sub', '/app/sub-away');
    const digests = new Set<string>();
    let read = 0;
    for (let round = 0; round < 10 * ROUNDS; round++) {
      digests.add(await digest());
      const whole = await orSaysWhy(() => {
        const { files } = readRequirements(machine, '/app', '/app/requirements.txt');
        expect(files.map(([, text]) => text).join('')).not.toContain(MARK);
      });
      if (whole) read++;
    }
    expect(read).toBeGreaterThan(0);
    // The folder, the link, and a folder that was gone when it was to be opened or between two looks.
    expect(digests).toContain(mine);
    expect(digests.size).toBeLessThanOrEqual(4);
  });

  test('what pip made is closed to others, and no file elsewhere gets other rights', async () => {
    const before = secret();
    own('/venv');
    own('/venv/lib');
    own('/venv/lib/a', 'x');
    link('/venv/lib/b', `${root}/secret/keys/key`);
    own('/venv/keys');
    link('/venv/away', `${root}/secret`);
    for (const folder of ['/venv', '/venv/lib']) chmodSync(root + folder, 0o777);
    await swap('/venv/lib/a', '/venv/lib/b', '/venv/keys', '/venv/away');
    for (let round = 0; round < ROUNDS; round++) {
      for (const path of ['/venv/lib', '/venv']) chmodSync(root + path, 0o777);
      await orSaysWhy(() => makeReadOnly(machine, '/venv'));
      expect(secret()).toEqual(before);
    }
    expect(lstatSync(`${root}/venv/lib`).mode & 0o7777).toBe(0o755);
  });

  test('a log file is made by the application’s user, and logrotate is no other', async () => {
    const before = secret();
    own('/app');
    own('/app/logs');
    link('/app/away', `${root}/secret`);
    await swap('/app/logs', '/app/away');
    const api = { machine, juju: { unit: { unit: 'wsgi/0' } } };
    let made = 0;
    for (let round = 0; round < ROUNDS; round++) {
      if (await orSaysWhy(() => ensureLogFile(api, '/app/logs/keys/app.log', NOBODY))) made++;
      expect(secret()).toEqual(before);
    }
    expect(made).toBeGreaterThan(0);
    expect(readFileSync(`${root}/etc/logrotate.d/gunicorn3`, 'utf8')).toContain('    su nobody nogroup\n');
  });

  test('a link that root made leads nowhere once it was moved to another place', async () => {
    own('/app');
    own('/app/deep');
    symlinkSync('../secret', `${root}/app/deep/root-made`);
    execFileSync('setpriv', ['--reuid=nobody', '--clear-groups', 'mv', `${root}/app/deep/root-made`, `${root}/app/l`]);
    await expect(ensureDataInPlace(machine, '/app', ['l/keys'], NOBODY)).rejects.toThrow(
      '/app/l is a symbolic link in a folder of another user; replace it by what it points at',
    );
    expect(lstatSync(`${root}/secret/keys`).uid).toBe(0);
  });
});

function listed(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { uid, gid, mode, size } = lstatSync(join(folder, name));
      const text = lstatSync(join(folder, name)).isFile() ? readFileSync(join(folder, name), 'utf8') : '';
      return [name, uid, gid, mode, lstatSync(join(folder, name)).isFile() ? size : '', text].join(' ');
    });
}

/** Names of files that hold what only root may know. */
function grep(folder: string): string {
  try {
    return execFileSync('grep', ['-rl', MARK, folder], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
