import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Fault } from '../../packages/local-juju/sandbox/sandbox.ts';
import { type TriedSandbox, trySandbox } from './sandbox-machine.fixture.ts';

const AddressInfo = z.object({ port: z.number() });

let tried: TriedSandbox;
beforeAll(async () => {
  tried = await trySandbox();
});
afterAll(() => tried.end());

test("what a hook starts has a home in the machine, and writes none of this computer's", async () => {
  const { run, machine } = tried;
  expect(await run('python3', '-c', 'import os; print(os.path.expanduser("~"))')).toMatchObject({
    stdout: `${machine.seenPath('/root')}\n`,
  });
  const ran = await run('sh', '-c', 'echo x > ~/.pydistutils.cfg');
  expect(ran).toMatchObject({ code: 0 });
  expect(await readFile(machine.seenPath('/root/.pydistutils.cfg'), 'utf8')).toBe('x\n');
});

describe('users', () => {
  test('are made in the machine only', async () => {
    const { run, machine } = tried;
    expect(await run('id', 'shop')).toMatchObject({ code: 1, stderr: 'id: ‘shop’: no such user\n' });
    expect(
      await run('useradd', '--system', '--home-dir', '/var/lib/shop', '--shell', '/usr/sbin/nologin', 'shop'),
    ).toMatchObject({ code: 0 });
    expect(await run('useradd', 'shop')).toMatchObject({ code: 9, stderr: "useradd: user 'shop' already exists\n" });
    expect((await run('getent', 'passwd', 'shop')).stdout).toMatch(
      /^shop:x:\d+:\d+::\/var\/lib\/shop:\/usr\/sbin\/nologin\n$/,
    );
    expect(await readFile(machine.seenPath('/etc/passwd'), 'utf8')).toContain('\nshop:');
    expect(await readFile('/etc/passwd', 'utf8')).not.toContain('\nshop:');
    expect(await run('id', '-nG', 'shop')).toMatchObject({ stdout: 'shop\n' });
  });

  test('own files as far as anybody can see without root', async () => {
    const { run, machine } = tried;
    const path = machine.seenPath('/srv');
    expect(await run('chown', '-R', 'www-data:www-data', path)).toMatchObject({ code: 0 });
    expect(await run('chown', 'stranger', path)).toMatchObject({
      code: 1,
      stderr: 'chown: invalid user: ‘stranger’\n',
    });
    expect(await run('install', '-d', '-o', 'www-data', '-m', '0750', `${path}/made`)).toMatchObject({ code: 0 });
    expect(await run('stat', '-c', '%a', `${path}/made`)).toMatchObject({ stdout: '750\n' });
  });

  test('run commands with their own variables', async () => {
    const { run, machine } = tried;
    expect((await run('runuser', '-u', 'www-data', '--', 'sh', '-c', 'echo $USER $HOME')).stdout).toBe(
      `www-data ${machine.seenPath('/var/www')}\n`,
    );
  });
});

describe('packages', () => {
  const faults: Fault[] = ['apt-index-unreachable', 'dpkg-locked', 'dpkg-interrupted', 'dpkg-fails'];
  afterEach(() => Promise.all(faults.map((fault) => tried.machine.mend(fault))));

  const install = (...names: string[]) =>
    tried.run('apt-get', 'install', '-y', '-o', 'DPkg::Lock::Timeout=0', ...names);
  const status = async (name: string) =>
    (await tried.run('dpkg-query', '-W', '-f', '$' + '{db:Status-Status}', name)).stdout;

  test('of plugins bring check_http, which asks for a page and says what is wrong with it', async () => {
    await install('monitoring-plugins-basic');
    const server = createServer((_, answer) => answer.writeHead(200).end('welcome'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.9', listening));
    const { port } = AddressInfo.parse(server.address());
    const program = tried.machine.seenPath('/usr/lib/nagios/plugins/check_http');
    const check = (...args: string[]) => tried.run(program, '-I', '127.0.0.9', '-p', String(port), '-u', '/', ...args);
    expect(await check('-e', '200', '-s', 'come')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^HTTP OK/),
    });
    expect(await check('-e', '200', '-s', 'go away')).toMatchObject({ code: 2 });
    expect(await check('-e', '302')).toMatchObject({ code: 2 });
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
    expect(await check('-e', '200')).toMatchObject({ code: 2, stdout: expect.stringContaining('refused') });
  });

  test('of the host are there, and others go on record', async () => {
    expect(await install('uwsgi')).toMatchObject({ code: 0, stdout: expect.stringContaining('uwsgi: on record only') });
    expect(await status('uwsgi')).toBe('installed');
    expect(await install('no-such-package')).toMatchObject({
      code: 100,
      stderr: 'E: Unable to locate package no-such-package\n',
    });
  });

  test.for<[Fault, string, string]>([
    ['apt-index-unreachable', '', 'E: Failed to fetch libapache2-mod-wsgi-py3'],
    [
      'dpkg-locked',
      'process 7 (unattended-upgr)',
      'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (unattended-upgr)',
    ],
    ['dpkg-interrupted', '', 'E: dpkg was interrupted'],
    ['dpkg-fails', 'uwsgi-core virtualenv', 'E: Sub-process /usr/bin/dpkg returned an error code (1)'],
  ])('fail in the way of %s until it is mended', async ([fault, detail, said]) => {
    await tried.machine.fault(fault, detail);
    const ran = await install('virtualenv', 'sqlite3');
    if (fault === 'apt-index-unreachable') expect(ran.stderr).toMatch(/^E: Failed to fetch (virtualenv|sqlite3)/m);
    else expect(ran.stderr).toContain(said);
    expect(ran.code).toBe(100);
    await tried.machine.mend(fault);
  });

  test('wait for a lock as long as they are told to', async () => {
    await tried.machine.fault('dpkg-locked');
    const waiting = tried.run('apt-get', 'install', '-y', '-o', 'DPkg::Lock::Timeout=60', 'rsync');
    await tried.machine.mend('dpkg-locked');
    expect(await waiting).toMatchObject({ code: 0 });
  });
});

test('what would reach the host is refused', async () => {
  for (const program of ['reboot', 'sysctl', 'hostnamectl']) {
    expect(await tried.run(program, 'x')).toMatchObject({
      code: 1,
      stderr: `${program}: not honoured in the sandbox\n`,
    });
  }
});

test("curl's localhost is the machine, not the computer that it runs on", async () => {
  const { machine, run, systemctl, unit } = tried;
  const answering = [
    'import socket',
    'listening = socket.socket(fileno=3)',
    'while True:',
    '    client = listening.accept()[0]',
    '    client.recv(4096)',
    "    client.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\nhere')",
    '    client.close()',
  ];
  await writeFile(machine.seenPath('/srv/page.py'), `${answering.join('\n')}\n`);
  await unit('page.socket', '[Socket]\nListenStream=0.0.0.0:80\n');
  await unit('page.service', `[Service]\nExecStart=/usr/bin/env python3 ${machine.seenPath('/srv/page.py')}\n`);
  await systemctl('start', 'page.socket');
  expect(await run('curl', '-s', 'http://localhost')).toMatchObject({ code: 0, stdout: 'here' });
  expect(await run('curl', '-s', '127.0.0.1:80/')).toMatchObject({ code: 0, stdout: 'here' });
  expect(await run('curl', '-s', 'http://localhost:81')).toMatchObject({ code: 7 });
});
