import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';
import { type TriedSandbox, trySandbox } from './sandbox-machine.fixture.ts';

let tried: TriedSandbox;
beforeEach(async () => {
  tried = await trySandbox();
});
afterEach(() => tried.end());

const SLEEPER = '[Service]\nExecStart=/bin/sleep 7200\n[Install]\nWantedBy=multi-user.target\n';
const mainPid = async (): Promise<number> => Number((await tried.shown('sleeper', 'MainPID')).replace('MainPID=', ''));
const alive = (pid: number): boolean => existsSync(`/proc/${pid}/cwd`) && !/^State:\s+[ZX]/m.test(statusOf(pid));
const statusOf = (pid: number): string => spawnSync('cat', [`/proc/${pid}/status`], { encoding: 'utf8' }).stdout;

async function supervisor(): Promise<number> {
  return Number(await readFile(join(tried.machine.directory, 'run/lock'), 'utf8'));
}

test('a reboot starts what is enabled, and nothing else', async () => {
  const { unit, systemctl, machine, run } = tried;
  await unit('sleeper.service', SLEEPER);
  await unit('other.service', SLEEPER);
  await unit(
    'port.socket',
    '[Socket]\nListenStream=8100\nService=sleeper.service\n[Install]\nWantedBy=sockets.target\n',
  );
  await systemctl('enable', '-q', 'sleeper', 'port.socket');
  await systemctl('start', 'sleeper', 'other');
  const before = await mainPid();
  await machine.reboot();
  expect(alive(before)).toBe(false);
  expect((await run('systemctl', 'is-active', 'port.socket', 'sleeper', 'other')).stdout).toBe(
    'active\nactive\ninactive\n',
  );
});

test('the machine goes on when the process that booted it has ended', async () => {
  const script = `import { Sandbox } from ${JSON.stringify(join(import.meta.dirname, '../../packages/local-juju/sandbox/sandbox.ts'))};
    const machine = await Sandbox.open(process.argv[1]); await machine.start();
    await machine.exec(['systemctl', 'start', 'sleeper'], { env: { PATH: machine.hookPath } });`;
  await tried.unit('sleeper.service', SLEEPER);
  await tried.machine.stop();
  execFileSync(process.execPath, ['--input-type=module', '-e', script, tried.machine.directory]);
  expect(alive(await mainPid())).toBe(true);
});

test('stop ends everything, also what was run on the machine and left behind', async () => {
  const { unit, systemctl, machine, run } = tried;
  await unit('sleeper.service', SLEEPER);
  await systemctl('start', 'sleeper');
  const pids = [await mainPid(), await supervisor()];
  await run('sh', '-c', 'setsid sleep 7201 >/dev/null 2>&1 & echo $! > $WSGI_ROOT/pid');
  pids.push(Number(await readFile(machine.seenPath('/pid'), 'utf8')));
  expect(pids.map(alive)).toEqual([true, true, true]);
  await machine.stop();
  await expect.poll(() => pids.map(alive)).toEqual([false, false, false]);
  expect(await run('systemctl', 'is-active', 'sleeper')).toMatchObject({ code: 1 });
});

test('a killed supervisor takes its services along, and those that escaped end at the next boot', async () => {
  const { unit, systemctl, machine } = tried;
  await unit(
    'sleeper.service',
    `[Service]\nExecStart=sh -c 'setsid sleep 7202 & echo $! > ${machine.seenPath('/escaped')}; exec sleep 7202'\n`,
  );
  await systemctl('start', 'sleeper');
  const main = await mainPid();
  await expect.poll(() => existsSync(machine.seenPath('/escaped'))).toBe(true);
  const escaped = Number(await readFile(machine.seenPath('/escaped'), 'utf8'));
  process.kill(await supervisor(), 'SIGKILL');
  await expect.poll(() => alive(main)).toBe(false);
  await machine.start();
  await expect.poll(() => alive(escaped)).toBe(false);
  expect(await systemctl('start', 'sleeper')).toBe('');
});

test('a machine whose directory is removed ends by itself', async () => {
  await tried.unit('sleeper.service', SLEEPER);
  await tried.systemctl('start', 'sleeper');
  const pids = [await mainPid(), await supervisor()];
  await rm(tried.machine.directory, { recursive: true });
  await expect.poll(() => pids.map(alive), { timeout: 10_000 }).toEqual([false, false]);
});

test('machines have addresses of their own, and one address is not given twice', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const second = await Sandbox.open(join(folder, 'a'), { id: '1' });
  expect(second.address).not.toBe(tried.machine.address);
  const thief = await Sandbox.open(join(folder, 'b'), { address: tried.machine.address });
  await expect(thief.start()).rejects.toThrow(`another machine has the address ${tried.machine.address}`);
  await rm(folder, { recursive: true });
});

test('a port that is taken on the machine is taken', async () => {
  const { unit, run, machine, journal } = tried;
  const server = createServer();
  await new Promise<void>((listening) => server.listen(8101, machine.address, listening));
  await unit('port.service', SLEEPER);
  await unit('port.socket', '[Socket]\nListenStream=0.0.0.0:8101\n');
  expect(await run('systemctl', 'start', 'port.socket')).toMatchObject({ code: 1 });
  expect(await journal('port.socket')).toContain(
    'port.socket: Failed to create listening socket (0.0.0.0:8101): Address already in use',
  );
  server.close();
});

test('a port that something of the host has on every address is stood for by another', async () => {
  const { unit, systemctl, machine } = tried;
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '0.0.0.0', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  await unit('port.service', SLEEPER);
  await unit('port.socket', `[Socket]\nListenStream=0.0.0.0:${port}\n`);
  await systemctl('start', 'port.socket');
  const real = await machine.endpoint(port);
  expect(real).toMatchObject({ host: machine.address });
  expect(real.port).not.toBe(port);
  expect(await systemctl('show', 'port.socket', '-p', 'Listen')).toBe(`Listen=${real.host}:${real.port} (Stream)\n`);
  server.close();
});

test.skipIf(process.getuid?.() !== 0)('a user who is not root gets another port for 80', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  execFileSync('chown', ['nobody', folder]);
  const source = join(import.meta.dirname, '../../packages/local-juju/systemd-stand-in');
  const boot = `cd / && export HOME=${folder} && mkdir -p m/run m/root/etc/systemd/system m/root/var m/bin && python3 -IS ${source}/boot.py ${folder}/m 127.64.0.9 257`;
  await writeFile(join(folder, 'web.socket'), '[Socket]\nListenStream=80\n');
  await writeFile(join(folder, 'web.service'), SLEEPER);
  const script = `set -e; cd ${folder}; ${boot.replace('cd / && ', '')}; cp web.* m/root/etc/systemd/system; python3 - <<'X'
import socket
def ask(*fields):
    s = socket.socket(socket.AF_UNIX); s.connect('m/run/control')
    s.sendall(b''.join(f.encode() + b'\\0' for f in fields)); s.shutdown(socket.SHUT_WR)
    data = b''
    while chunk := s.recv(4096): data += chunk
    return data
ask('systemctl', '/', 'start', 'web.socket')
print(ask('systemctl', '/', 'show', 'web.socket', '-p', 'Listen')[5:].split(b'\\n')[0].decode())
ask('@off', '/')
X`;
  const ran = spawnSync('setpriv', ['--reuid=nobody', '--clear-groups', 'sh', '-c', script], { encoding: 'utf8' });
  const held = existsSync('/proc/sys/net/ipv4/ip_unprivileged_port_start')
    ? Number(await readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
    : 1024;
  expect(`${ran.stdout}${ran.stderr}`).toBe(`Listen=127.64.0.9:${held > 80 ? 8080 : 80} (Stream)\n`);
  await rm(folder, { recursive: true });
});
