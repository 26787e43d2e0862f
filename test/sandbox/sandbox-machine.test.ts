import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';

const WHEELS = join(import.meta.dirname, '../../wheels');

let folder: string;
let machine: Sandbox;
let venv: string;

const run = (...argv: string[]) => machine.exec(argv, { env: { PATH: machine.hookPath, ...machine.hookEnv } });
const systemctl = (...args: string[]) => run('systemctl', ...args);

async function unit(name: string, text: string): Promise<void> {
  await writeFile(machine.seenPath(`/etc/systemd/system/${name}`), text);
  await systemctl('daemon-reload');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  machine = await Sandbox.open(join(folder, 'machine'));
  await machine.start();
  venv = join(folder, 'venv');
  expect(await run('python3', '-m', 'venv', '--without-pip', venv)).toMatchObject({ code: 0 });
  const pip = join(WHEELS, 'pip-26.3-py3-none-any.whl', 'pip');
  const installed = await run(
    `${venv}/bin/python`,
    pip,
    'install',
    '-q',
    '--no-index',
    '--find-links',
    WHEELS,
    'gunicorn',
  );
  expect(installed).toMatchObject({ code: 0 });
});

afterAll(async () => {
  await machine.destroy();
  await rm(folder, { recursive: true, force: true });
});

describe('gunicorn behind a socket unit', () => {
  const get = async (agent: Agent): Promise<number> => {
    const { host, port } = await machine.endpoint(8000);
    const answer = await request(`http://${host}:${port}/`, { dispatcher: agent });
    await answer.body.dump();
    return answer.statusCode;
  };

  beforeAll(async () => {
    const code = machine.seenPath('/srv');
    await writeFile(join(code, 'app.py'), APP);
    await unit(
      'web.service',
      `[Unit]
Description=An application
[Service]
Type=notify
Sockets=web.socket
WorkingDirectory=${code}
StateDirectory=web
ExecStart=${venv}/bin/python -m gunicorn --workers 2 --threads 2 --graceful-timeout 5 --worker-class gthread app:application
ExecReload=/bin/kill -HUP $MAINPID
KillMode=mixed
`,
    );
    await unit(
      'web.socket',
      `[Socket]\nListenStream=0.0.0.0:8000\nListenStream=[::]:8000\n[Install]\nWantedBy=sockets.target\n`,
    );
    expect(await systemctl('start', 'web')).toMatchObject({ code: 0, stderr: '' });
  });

  test('says where it listens', async () => {
    expect(await systemctl('show', 'web.socket', '-p', 'Listen')).toMatchObject({
      stdout: `Listen=${machine.address}:8000 (Stream)\n`,
    });
  });

  test('loses no request in restarts and reloads under load', async () => {
    // A connection each, given up before the server would: one that idles may be closed while a request is on its way.
    const kept = [1, 2, 3].map(() => new Agent({ connections: 1, keepAliveTimeout: 1000 }));
    let going = true;
    const codes: number[] = [];
    const clients = [...kept, 'new', 'new', 'new'].map(async (agent) => {
      while (going) {
        const own = agent instanceof Agent ? agent : new Agent({ pipelining: 0 });
        codes.push(
          await get(own).catch((problem: Error) =>
            Promise.reject(new Error(`after ${codes.length}: ${problem.cause ?? problem}`)),
          ),
        );
        if (own !== agent) await own.close();
      }
    });
    for (const verb of ['restart', 'reload', 'restart', 'restart'])
      expect(await systemctl(verb, 'web')).toMatchObject({ code: 0 });
    going = false;
    await Promise.all(clients);
    await Promise.all(kept.map((agent) => agent.close()));
    expect(new Set(codes)).toEqual(new Set([200]));
    expect(codes.length).toBeGreaterThan(20);
  });
});

const APP = `
def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])
    return [b'ok']
`;
