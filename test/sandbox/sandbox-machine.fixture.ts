import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { ExecResult } from '../../packages/local-juju/machine.ts';
import { Sandbox } from '../../packages/local-juju/sandbox/sandbox.ts';

/** A booted sandbox with the words that tests of it share. */
export interface TriedSandbox {
  readonly machine: Sandbox;
  /** Runs a program of the machine. */
  run(...argv: string[]): Promise<ExecResult>;
  /** Runs systemctl and returns what it printed; fails the test when it fails. */
  systemctl(...args: string[]): Promise<string>;
  /** Writes a unit file, a drop-in or any other file below /etc/systemd/system, and reloads. */
  unit(name: string, text: string): Promise<void>;
  /** Lines of the journal of a unit. */
  journal(unit: string): Promise<string[]>;
  /** Properties of a unit, as `A=1 B=2`. */
  shown(unit: string, ...properties: string[]): Promise<string>;
  /** Waits until `shown` gives that. */
  until(unit: string, wanted: Record<string, string>): Promise<void>;
  end(): Promise<void>;
}

export async function trySandbox(): Promise<TriedSandbox> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
  const machine = await Sandbox.open(join(folder, 'machine'));
  await machine.start();
  const run = (...argv: string[]) => machine.exec(argv, { env: { PATH: machine.hookPath, ...machine.hookEnv } });
  const systemctl = async (...args: string[]): Promise<string> => {
    const ran = await run('systemctl', ...args);
    expect(ran, `systemctl ${args.join(' ')}`).toMatchObject({ code: 0 });
    return ran.stdout;
  };
  const shown = async (unit: string, ...properties: string[]): Promise<string> =>
    (await systemctl('show', unit, '-p', properties.join(','))).trim().split('\n').sort().join(' ');
  return {
    machine,
    run,
    systemctl,
    shown,
    async unit(name, text) {
      const path = machine.seenPath(`/etc/systemd/system/${name}`);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text);
      await systemctl('daemon-reload');
    },
    journal: async (unit) =>
      (await run('journalctl', '-u', unit, '-o', 'cat', '-q')).stdout.split('\n').filter(Boolean),
    async until(unit, wanted) {
      const text = Object.entries(wanted)
        .map(([name, value]) => `${name}=${value}`)
        .sort()
        .join(' ');
      await expect.poll(() => shown(unit, ...Object.keys(wanted)), { timeout: 15_000, interval: 20 }).toBe(text);
    },
    async end() {
      await machine.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
