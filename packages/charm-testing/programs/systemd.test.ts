import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  enable,
  environmentOf,
  failureReason,
  isActive,
  show,
  start,
  startTime,
  stop,
} from '../../../src/system/index.ts';
import { state } from '../state.ts';
import { createTestMachine, type TestMachine } from '../test-machine.ts';

let root: string;
let machine: TestMachine;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'systemd-'));
  mkdirSync(join(root, 'etc/systemd/system'), { recursive: true });
});

afterEach(async () => {
  await machine.end();
  rmSync(root, { recursive: true });
});

function unit(name: string, text: string): void {
  writeFileSync(join(root, 'etc/systemd/system', name), text);
}

function status(host: string, port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  request({ host, port }, (response) => resolve(response.statusCode))
    .on('error', reject)
    .end();
  return promise;
}

describe('a service of a test', () => {
  it('has a living process with the environment of its unit', async () => {
    writeFileSync(join(root, 'secrets'), 'PASSWORD="a \\"b\\"\nc"\n');
    unit('web.service', `[Service]\nEnvironment="GREETING=hello world" N=1\nEnvironmentFile=${root}/secrets\n`);
    machine = createTestMachine(state(), root);
    expect(await start(machine, 'web.service')).toEqual({ ok: true });
    const pid = Number((await show(machine, ['web.service'], ['MainPID'])).get('web.service')?.MainPID);
    expect(startTime(pid)).toBeDefined();
    expect(environmentOf(pid, 'GREETING')).toBe('hello world');
    expect(environmentOf(pid, 'PASSWORD')).toBe('a "b"\nc');
    await stop(machine, 'web.service');
    expect((await show(machine, ['web.service'], ['MainPID'])).get('web.service')?.MainPID).toBe('0');
  });

  it('answers on the address that its socket has, as the state says', async () => {
    unit('web.socket', '[Socket]\nListenStream=0.0.0.0:80\n');
    unit('web.service', '[Service]\nExecStart=/usr/bin/web\n');
    machine = createTestMachine(state({ services: { 'web.service': { http: 503 } } }), root);
    await start(machine, 'web.socket');
    await start(machine, 'web.service');
    const listen = (await show(machine, ['web.socket'], ['Listen'])).get('web.socket')?.Listen ?? '';
    const [, host = '', port = ''] = /^(.*):(\d+) \(Stream\)$/.exec(listen) ?? [];
    expect(await status(host, Number(port))).toBe(503);
  });

  it('that does not start says why in the journal', async () => {
    unit('web.service', '[Service]\nExecStart=/usr/bin/web\n');
    machine = createTestMachine(state({ services: { 'web.service': { startFails: 'ImportError: no flask' } } }), root);
    expect(await start(machine, 'web.service')).toEqual({ ok: false, reason: 'ImportError: no flask' });
    expect(await isActive(machine, 'web.service')).toBe(false);
    expect(await failureReason(machine, 'web.service')).toBe('ImportError: no flask');
    expect((await show(machine, ['web.service'], ['ActiveState'])).get('web.service')?.ActiveState).toBe('failed');
  });

  it('starts with the sockets that were enabled for it, and takes those down that go with it', async () => {
    unit('web.socket', '[Unit]\nStopPropagatedFrom=web.service\n[Install]\nWantedBy=sockets.target web.service\n');
    unit('web.service', '[Service]\nExecStart=/usr/bin/web\n');
    machine = createTestMachine(state(), root);
    await enable(machine, 'web.socket');
    await start(machine, 'web.service');
    expect(await isActive(machine, 'web.socket')).toBe(true);
    await stop(machine, 'web.service');
    expect(await isActive(machine, 'web.socket')).toBe(false);
  });

  it('takes sockets down by a unit that is stopped with it', async () => {
    unit('web-80.socket', '[Socket]\nService=web.service\n[Install]\nWantedBy=web.service\n');
    unit('other-80.socket', '[Socket]\nListenStream=81\n');
    unit(
      'web-ports.service',
      '[Unit]\nStopPropagatedFrom=web.service\n[Service]\nExecStop=/bin/sh -c "exec systemctl stop -- \'web-[0-9]*.socket\'"\n',
    );
    unit('web.service', '[Service]\nExecStart=/usr/bin/web\n');
    machine = createTestMachine(state({ services: { 'other.service': {} } }), root);
    await enable(machine, 'web-80.socket');
    await start(machine, 'web.service', 'other-80.socket');
    await stop(machine, 'web.service');
    expect([await isActive(machine, 'web-80.socket'), await isActive(machine, 'other-80.socket')]).toEqual([
      false,
      true,
    ]);
  });

  it('that runs does not let a socket of it start', async () => {
    unit('web.socket', '[Socket]\nListenStream=80\n');
    unit('web.service', '[Service]\nExecStart=/usr/bin/web\n');
    machine = createTestMachine(state(), root);
    await start(machine, 'web.service');
    expect(await start(machine, 'web.socket')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('already active, refusing'),
    });
  });

  it('without a unit file is not found', async () => {
    machine = createTestMachine(state(), root);
    expect(await start(machine, 'nosuch.service')).toMatchObject({ ok: false });
    expect(await stop(machine, 'nosuch.service')).toEqual({ ok: true });
    expect((await show(machine, ['nosuch.service'], ['LoadState'])).get('nosuch.service')?.LoadState).toBe('not-found');
  });
});
