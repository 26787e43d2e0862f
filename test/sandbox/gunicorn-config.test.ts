/** The configuration file, as the gunicorn that the charm carries reads it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type GunicornConfigSpec, gunicornConfig } from '../../src/wsgi/unit/gunicorn.ts';

const APPLICATION = `import os
def application(environ, start_response):
    if environ["PATH_INFO"] == "/raise":
        raise RuntimeError("raised")
    print("a printed line")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [os.environ.get("TOKEN", "none").encode()]
`;

let folder: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gunicorn-config-'));
  const pip = (await readdir('wheels')).find((name) => name.startsWith('pip-')) ?? '';
  await execa('python3', ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
  const install = [join(resolve('wheels'), pip, 'pip'), 'install', '--no-index', '--find-links', 'wheels', 'gunicorn'];
  await execa(join(folder, 'venv/bin/python'), install);
  await writeFile(join(folder, 'wsgi.py'), APPLICATION);
});
afterEach(() => running?.kill('SIGKILL'));
afterAll(() => rm(folder, { recursive: true }));

/** Runs gunicorn with the configuration, asks for paths, and returns the answers and all lines of its output. */
async function serve(spec: GunicornConfigSpec, paths: readonly string[], flags: readonly string[] = []) {
  await writeFile(join(folder, 'conf.py'), gunicornConfig(spec));
  const port = await freePort();
  const args = ['-m', 'gunicorn', '--config', 'conf.py', '--bind', `127.0.0.1:${port}`, ...flags, 'wsgi:application'];
  const child = spawn(join(folder, 'venv/bin/python'), args, { cwd: folder });
  running = child;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  await until(async () => (await fetch(`http://127.0.0.1:${port}/first`)).ok);
  const answers: string[] = [];
  for (const path of paths) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'user-agent': 'a "quoted" \\ agent' } });
    answers.push(await answer.text());
  }
  child.kill('SIGTERM');
  await once(child, 'close');
  return { answers, lines: output.trimEnd().split('\n') };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function until(look: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 20_000; Date.now() < deadline; await pause(20)) {
    if (await look().catch(() => false)) return;
  }
  throw new Error('it did not come about');
}

test('as JSON, each of gunicorn’s lines is an object, and what is printed stays as it is', async () => {
  const { lines } = await serve({ logFormat: 'json' }, ['/page?a=1', '/raise'], ['--access-logfile', '-']);
  const entries = lines.filter((line) => line !== 'a printed line').map((line) => JSON.parse(line));
  expect(lines.filter((line) => line === 'a printed line')).toHaveLength(2);
  expect(entries).toContainEqual(
    expect.objectContaining({ level: 'info', message: expect.stringMatching(/^Starting gunicorn/) }),
  );
  expect(entries).toContainEqual(
    expect.objectContaining({
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      logger: 'gunicorn.access',
      method: 'GET',
      path: '/page',
      query: 'a=1',
      status: 200,
      agent: 'a "quoted" \\ agent',
    }),
  );
  expect(entries).toContainEqual(
    expect.objectContaining({ level: 'error', exception: expect.stringContaining('RuntimeError: raised') }),
  );
});

test('as text, the lines are gunicorn’s own', async () => {
  const { lines } = await serve({ logFormat: 'text' }, ['/']);
  expect(lines).toContainEqual(expect.stringMatching(/\[INFO\] Starting gunicorn/));
  expect(lines.filter((line) => line === 'a printed line')).toHaveLength(2);
});

test('variables reach the application, and the application’s own file counts too', async () => {
  const token = 'it\'s "5" \\ é 🚀\n$HOME';
  await writeFile(join(folder, 'gunicorn.conf.py'), 'def when_ready(server):\n    print("hook of the application")\n');
  const { answers, lines } = await serve({ logFormat: 'text', variables: new Map([['TOKEN', token]]) }, ['/']);
  expect(answers).toEqual([token]);
  expect(lines).toContain('hook of the application');
});
