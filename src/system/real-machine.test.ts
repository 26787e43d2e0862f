import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createMachine } from './real-machine.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'machine-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('a path is put below the root and cannot climb out of it', () => {
  const machine = createMachine(`${root}/`);
  expect(machine.path('/srv/app/../x/')).toBe(`${root}/srv/x/`);
  expect(machine.path('/../../etc')).toBe(`${root}/etc`);
  expect(createMachine('').path('/etc')).toBe('/etc');
  expect(() => machine.path('etc')).toThrow('Not an absolute path: etc');
});

test('a program gets its arguments, its input and its environment as they are', async () => {
  const machine = createMachine(root);
  const result = await machine.run(
    'sh',
    ['-c', 'cat; printf "%s|%s|%s|%s" "$1" "$X" "$(printenv HOME || echo none)" "$WSGI_ROOT"', 'sh', ' a$b "c" '],
    {
      input: 'in\n',
      env: { X: 'ü%n', HOME: undefined },
    },
  );
  expect(result).toEqual({ code: 0, stdout: `in\n a$b "c" |ü%n|none|${root}`, stderr: '', timedOut: false });
});

test('a program that reads none of its input does not matter', async () => {
  const result = await createMachine(root).run('true', [], { input: 'x'.repeat(1_000_000) });
  expect(result.code).toBe(0);
});

test('a failing program is a result, not an exception', async () => {
  const machine = createMachine(root);
  expect(await machine.run('sh', ['-c', 'echo no >&2; exit 3'])).toMatchObject({ code: 3, stderr: 'no\n' });
  expect(await machine.run('sh', ['-c', 'kill -9 $$'])).toMatchObject({ code: 137, timedOut: false });
  expect(await machine.run('no-such-program', [])).toMatchObject({ code: 127 });
  expect(await machine.run('true', [], { cwd: '/missing' })).toMatchObject({ code: 127 });
  expect(await machine.run('/etc', [])).toMatchObject({ code: 126 });
});

test('the whole process group ends when the time is up, whatever it ignores', async () => {
  const machine = createMachine(root);
  const script = `trap '' TERM; (trap '' TERM; echo $BASHPID >${root}/child; exec sleep 600) >/dev/null 2>&1 & echo begun; wait`;
  const result = await machine.run('bash', ['-c', script], { timeout: 0.5 });
  expect(result).toMatchObject({ code: 137, stdout: 'begun\n', timedOut: true });
  const child = readFileSync(`${root}/child`, 'utf8').trim();
  await expect
    .poll(() => !existsSync(`/proc/${child}`) || /^State:\tZ/m.test(readFileSync(`/proc/${child}/status`, 'utf8')))
    .toBe(true);
});

test('lines come as they are written, also the one without an end, and in whole characters', async () => {
  const lines: string[] = [];
  const script = String.raw`printf 'a\nb\303'; sleep 0.05; printf '\274\n'; echo e >&2; printf last`;
  await createMachine(root).run('sh', ['-c', script], { onLine: (line) => lines.push(line) });
  expect(lines.sort()).toEqual(['a', 'bü', 'e', 'last']);
});

test('only the end of a long output is kept, from a whole character on', async () => {
  const result = await createMachine(root).run('sh', ['-c', 'yes üü | head -c 9000000'], { keep: 7 });
  expect(result.stdout).toBe('\nüü\n');
});

test('a child that outlives the program and keeps its output open does not hold up the caller', async () => {
  const result = await createMachine(root).run('sh', ['-c', 'sleep 30 & echo $!']);
  expect(result).toMatchObject({ code: 0 });
  process.kill(Number(result.stdout));
}, 20_000);
