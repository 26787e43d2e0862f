import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { launcherProgram } from '../../src/wsgi/unit/gunicorn.ts';
import { GIVEN_UP } from '../../src/wsgi/unit/unit-file.ts';

let folder: string;
let log: string;
let launcher: string;
let started: ChildProcess[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'launcher-'));
  log = join(folder, 'service.log');
  launcher = join(folder, 'gunicorn3-run.py');
  await writeFile(launcher, launcherProgram());
  started = [];
});
afterEach(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** Runs a Python program by the launcher; what the journal would get is collected. */
function launch(program: string, flags: readonly string[] = ['--log', log]) {
  const argv = [
    '-I',
    '-S',
    launcher,
    ...flags,
    '--',
    spawnSync('which', ['python3']).stdout.toString().trim(),
    '-uc',
    program,
  ];
  const child = spawn('python3', argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  let journal = '';
  child.stdout.on('data', (chunk) => {
    journal += chunk;
  });
  // The end of the output, not of the process: a copier may have something left to write.
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code), journal }));
  return { child, ended };
}

async function until<Value>(look: () => Promise<Value | undefined>): Promise<Value> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(20)) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error('it did not come about');
}

const logged = () => readFile(log, 'utf8');
const copiers = (parent: number) =>
  spawnSync('pgrep', ['-f', '--', `--copy ${log}$`])
    .stdout.toString()
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== parent);

describe('what a program prints', () => {
  test('reaches the journal and the log file alike, its last words too', async () => {
    const program =
      'import os, sys; print("out"); print("err", file=sys.stderr); os.write(1, b"\\xff\\x00bytes\\n"); sys.exit("last words")';
    const { code, journal } = await launch(program).ended;
    expect(code).toBe(1);
    expect(journal).toContain('out\nerr\n');
    expect(journal).toMatch(/last words\n$/);
    expect(await logged()).toBe(journal);
    expect((await stat(log)).mode & 0o777).toBe(0o600);
  });

  test('is copied to the end when the program is killed', async () => {
    const { child, ended } = launch('import time\nfor n in range(20000): print(n)\nprint("done")\ntime.sleep(60)');
    await until(async () => (await logged()).includes('done') || undefined);
    child.kill('SIGKILL');
    expect((await ended).journal).toBe(await logged());
  });

  test('of processes that it started too', async () => {
    const { journal } = await launch('import subprocess; subprocess.run(["echo", "from a child"])').ended;
    expect(journal).toBe('from a child\n');
    expect(await logged()).toBe(journal);
  });
});

describe('a log file that is moved away', () => {
  test('is followed by the new one, and no line is lost, doubled or cut', async () => {
    // In pieces that are no whole lines, so that a piece ends within one.
    const enough = join(folder, 'enough');
    const program = `import os, time
count, rest = 0, b""
while not os.path.exists(${JSON.stringify(enough)}):
    rest += b"".join(b"line %d\\n" % n for n in range(count, count + 900))
    count += 900
    while len(rest) > 777:
        os.write(1, rest[:777])
        rest = rest[777:]
    time.sleep(0.002)
os.write(1, rest)`;
    const { ended } = launch(program);
    let turn = 0;
    let over = false;
    const rotation = (async () => {
      for (; !over; await pause(30)) {
        if ((await stat(log).catch(() => undefined))?.size)
          await rename(log, `${log}.${String(turn++).padStart(4, '0')}`);
        await writeFile(log, '', { flag: 'a', mode: 0o600 });
        if (turn > 9) await writeFile(enough, '');
      }
    })();
    const { journal } = await ended;
    over = true;
    await rotation;
    const names = (await readdir(folder)).filter((name) => name.startsWith('service.log.')).sort();
    expect(names.length).toBeGreaterThan(9);
    const parts = await Promise.all(
      [...names.map((name) => join(folder, name)), log].map((path) => readFile(path, 'utf8')),
    );
    for (const part of parts) expect(part === '' || part.endsWith('\n')).toBe(true);
    expect(parts.join('')).toBe(journal);
    const lines = journal.split('\n');
    expect(lines).toEqual([...Array.from({ length: lines.length - 1 }, (_, n) => `line ${n}`), '']);
    expect(lines.length).toBeGreaterThan(900);
  });
});

describe('what is not a log file of the service', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a symbolic link', async () => symlink(join(folder, 'elsewhere'), log)],
    ['a folder', async () => spawnSync('mkdir', [log])],
    ['a pipe', async () => spawnSync('mkfifo', [log])],
  ])('%s is not written, and the journal says so once', async (_, make) => {
    await make();
    const { code, journal } = await launch('print("one"); print("two")').ended;
    expect(code).toBe(0);
    expect(journal).toContain('one\n');
    expect(journal).toContain('two\n');
    expect(journal.match(/gunicorn3: .*service\.log is not written: .*\n/g)).toHaveLength(1);
    expect(await readdir(folder)).not.toContain('elsewhere');
  });
});

describe('a copier that is killed', () => {
  test('is replaced, and the program goes on writing', async () => {
    const { child, ended } = launch('import time\nfor n in range(300):\n    print(n)\n    time.sleep(0.01)');
    const [keeper, copier] = await until(async () => {
      const pids = copiers(child.pid ?? 0);
      return pids.length === 2 && (await logged()) !== '' ? pids : undefined;
    });
    if (keeper === undefined || copier === undefined) throw new Error('there are two');
    process.kill(copier, 'SIGKILL');
    const { code, journal } = await ended;
    expect(code).toBe(0);
    expect(journal).toMatch(/\n299\n$/);
    expect(await logged()).toMatch(/\n299\n$/);
  });

  test('or asked to end, is left alone until there is nothing to copy', async () => {
    const { child, ended } = launch('import time\nfor n in range(100):\n    print(n)\n    time.sleep(0.01)');
    const pids = await until(async () => {
      const found = copiers(child.pid ?? 0);
      return found.length === 2 && (await logged()) !== '' ? found : undefined;
    });
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    expect((await ended).journal.split('\n')).toHaveLength(101);
  });
});

describe('the program', () => {
  test('takes the launcher’s place, with the files that it was handed', async () => {
    const { child, ended } = launch('import os; print(os.getpid())');
    expect((await ended).journal).toBe(`${child.pid}\n`);
  });

  test('is not started without the sockets that it is to serve', async () => {
    const { code, journal } = await launch('print("started")', ['--sockets']).ended;
    expect(code).toBe(1);
    expect(journal).toBe('gunicorn3: there is no socket to serve: is the port taken?\n');
  });

  test('is asked to end, and waited for', async () => {
    const slow =
      'import signal, sys, time\ndef end(*_):\n    time.sleep(0.5); print("ended"); sys.exit()\nsignal.signal(signal.SIGTERM, end); print("ready"); time.sleep(60)';
    const { child, ended } = launch(slow);
    await until(async () => (await logged()).includes('ready') || undefined);
    const stop = spawn('python3', ['-I', '-S', launcher, '--stop', '20'], {
      env: { ...process.env, MAINPID: String(child.pid) },
    });
    const [code] = await once(stop, 'close');
    expect(code).toBe(0);
    expect(child.exitCode).toBe(0);
    expect((await ended).journal).toContain('ended');
  });

  test('is not waited for without end', async () => {
    const { child } = launch(
      'import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN); print("ready"); time.sleep(60)',
    );
    await until(async () => (await logged()).includes('ready') || undefined);
    const env = { ...process.env, MAINPID: String(child.pid) };
    expect(spawnSync('python3', ['-I', '-S', launcher, '--stop', '0.2'], { env }).status).toBe(0);
    expect(child.exitCode).toBeNull();
  });

  test('that has ended by itself needs no stop', () => {
    const { status, stderr } = spawnSync('python3', ['-I', '-S', launcher, '--stop', '20'], {
      env: {},
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });
});

describe('a service that died', () => {
  /** Seconds, as Python's time.monotonic() has them. */
  const now = () => Number(process.hrtime.bigint()) / 1e9;
  /** Ends as a service that fails, having been started and having died that many seconds ago; then it is started again. */
  function dieAndStart(started: number, ...died: number[]) {
    const moments = [started, ...died].map((ago) => `${now() - ago}\n`);
    const env = { ...process.env, RUNTIME_DIRECTORY: folder, SERVICE_RESULT: 'exit-code' };
    const begun = now();
    const run = (...argv: string[]) => spawnSync('python3', ['-I', '-S', launcher, ...argv], { env, encoding: 'utf8' });
    writeFileSync(join(folder, 'deaths'), moments.join(''));
    run('--ended');
    const held = now() - begun;
    const { status, stdout } = run('--', spawnSync('which', ['true'], { encoding: 'utf8' }).stdout.trim());
    return { held, status, stdout };
  }

  test('is started again', () => {
    expect(dieAndStart(60)).toMatchObject({ status: 0, stdout: '' });
    expect(dieAndStart(1, 2)).toMatchObject({ status: 0, stdout: '' });
  });

  test('is given up without delay, and by an exit code, where another start may well end after ten seconds', () => {
    const { held, status, stdout } = dieAndStart(-30, 7, 4);
    expect([status, stdout]).toEqual([GIVEN_UP, expect.stringContaining('it died again and again')]);
    // One that is started again is held up until a second after its last start.
    expect(held).toBeLessThan(30);
  });
});
