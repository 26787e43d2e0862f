import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { NspawnMachine } from '../../packages/local-juju/nspawn/machine.ts';

describe.skipIf(process.getuid?.() !== 0)('a machine under systemd-nspawn', () => {
  let machine: NspawnMachine;
  const run = (...argv: string[]) => machine.exec(argv, { env: { PATH: machine.hookPath } });

  beforeAll(async () => {
    machine = await NspawnMachine.create({ log: (line) => console.log(line) });
  });
  afterAll(() => machine.destroy());

  test('has the environment that it is given and nothing of the host', async () => {
    const ran = await machine.exec(['env'], { env: { PATH: machine.hookPath, GREETING: 'two words\nand lines' } });
    expect(ran.stdout).toBe(`PATH=${machine.hookPath}\nGREETING=two words\nand lines\n`);
  });

  test('is root of a real systemd, in a folder of the caller’s choice', async () => {
    expect(await run('ps', '-o', 'comm=', '1')).toMatchObject({ stdout: 'systemd\n' });
    const ran = await machine.exec(['sh', '-c', 'id -u; pwd; cat'], {
      env: { PATH: machine.hookPath },
      cwd: '/var/lib',
      input: 'in',
    });
    expect(ran.stdout).toBe('0\n/var/lib\nin');
  });

  test('passes exit codes on, and ends the whole group when it is told to', async () => {
    expect(await run('sh', '-c', 'exit 7')).toMatchObject({ code: 7 });
    const stopper = new AbortController();
    const lines: string[] = [];
    const ran = await machine.exec(['sh', '-c', 'echo here; sleep 600 & wait'], {
      env: { PATH: machine.hookPath },
      signal: stopper.signal,
      onStdout: (line) => {
        lines.push(line);
        stopper.abort();
      },
    });
    expect([ran.signal, lines]).toEqual(['SIGKILL', ['here']]);
    expect(await run('pgrep', '-x', 'sleep')).toMatchObject({ code: 1 });
  });

  test('shares its files with this host, sockets too', async () => {
    await mkdir(join(machine.rootOnHost, 'var/lib/tools'), { recursive: true });
    await writeFile(join(machine.rootOnHost, 'var/lib/tools/file'), 'from the host');
    expect(await run('cat', '/var/lib/tools/file')).toMatchObject({ stdout: 'from the host' });
    const server = createServer((socket) => socket.end('answer'));
    await new Promise<void>((listening) => server.listen(join(machine.rootOnHost, 'var/lib/tools/socket'), listening));
    const client =
      'import socket; s = socket.socket(socket.AF_UNIX); s.connect("/var/lib/tools/socket"); print(s.recv(99).decode())';
    expect(await run('python3', '-c', client)).toMatchObject({ stdout: 'answer\n', stderr: '' });
    server.close();
  });

  test('has an address that this host reaches', async () => {
    await run('systemd-run', '--unit=web', 'python3', '-m', 'http.server', '80');
    const { host, port } = await machine.endpoint(80);
    await expect
      .poll(
        () =>
          fetch(`http://${host}:${port}/`).then(
            (answer) => answer.status,
            () => 0,
          ),
        { timeout: 10_000 },
      )
      .toBe(200);
  });

  test('keeps its files over a reboot, and what was enabled runs again', async () => {
    await writeFile(
      join(machine.rootOnHost, 'etc/systemd/system/mark.service'),
      '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n',
    );
    await run('systemctl', 'enable', 'mark.service');
    // By this one others know it on the network, and would look for it in vain after another.
    const hardwareAddress = await run('cat', '/sys/class/net/host0/address');
    await machine.reboot();
    expect(await run('systemctl', 'is-active', 'mark.service')).toMatchObject({ stdout: 'active\n' });
    expect(await run('cat', '/sys/class/net/host0/address')).toEqual(hardwareAddress);
  });

  test('leaves nothing on this host when it is destroyed, or its process is killed', async () => {
    const killed = await leftByKilledProcess();
    const other = await NspawnMachine.create();
    await other.destroy();
    const { name } = JSON.parse(await readFile(join(machine.directory, 'machine.json'), 'utf8'));
    const seen = await traces();
    expect(seen).toContain(name);
    for (const gone of [other.directory, killed.directory, killed.name]) expect(seen).not.toContain(gone);
    expect(existsSync(killed.directory)).toBe(false);
  });
});

/** Namespaces, mounts and processes of this host. */
async function traces(): Promise<string> {
  return (await execa('sh', ['-c', 'ip netns; cat /proc/mounts; ps ax -o args'])).stdout;
}

/** A process that has booted a machine, and is killed. @returns what it leaves */
async function leftByKilledProcess(): Promise<{ directory: string; name: string }> {
  const script = `import { NspawnMachine } from '${join(PROJECT, 'packages/local-juju/nspawn/machine.ts')}';
const { directory } = await NspawnMachine.create();
console.log(directory);
process.kill(process.pid, 'SIGKILL');`;
  const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', script], { reject: false });
  const { name } = JSON.parse(await readFile(join(stdout, 'machine.json'), 'utf8'));
  return { directory: stdout, name };
}
