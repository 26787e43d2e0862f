/** A local model on real machines (nspawn), and what tests ask of one. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeArchive, readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ownArchitecture } from '../../packages/charm-build/runtime.ts';
import { LocalModel } from '../../packages/local-juju/local-model.ts';
import type { ExecResult, LocalMachine } from '../../packages/local-juju/machine.ts';
import { NspawnMachine, type NspawnOptions } from '../../packages/local-juju/nspawn/machine.ts';

/** These are machines of root's only. */
export const NOT_ROOT = process.getuid?.() !== 0;

/** The Debians that stand for what operators have: systemd 252 with Python 3.11, systemd 257 with Python 3.13. */
export const SUITES = ['bookworm', 'trixie'] as const;

/** A model whose machines are a Debian with a real systemd, a syslog and logrotate, as on most servers. */
export function realModel(options: Pick<NspawnOptions, 'network' | 'suite'> = {}): Promise<LocalModel> {
  return LocalModel.create({
    machine: ({ dir, id }) =>
      NspawnMachine.open(dir, { ...options, id, packages: ['logrotate', 'rsyslog'], temporary: true }),
  });
}

/** What `npm run pack` makes, in a folder of its own. */
export async function packedCharm(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'layer-wsgi-packed-'));
  const choices = { architecture: ownArchitecture(), runtime: 'bundled' } as const;
  return (await makeArchive(await readCharm(PROJECT), folder, choices)).file;
}

/** Runs a shell script on a machine, as root. */
export function sh(machine: LocalMachine, script: string): Promise<ExecResult> {
  return machine.exec(['sh', '-c', script], {
    env: { PATH: machine.hookPath, LC_ALL: 'C.UTF-8', ...machine.hookEnv },
    cwd: machine.seenPath('/'),
  });
}

/** What a script prints, without the last line break. @throws Error where it fails */
export async function outputOf(machine: LocalMachine, script: string): Promise<string> {
  const { code, stdout, stderr } = await sh(machine, script);
  if (code !== 0) throw new Error(`exit code ${code} of ${script}: ${stderr}${stdout}`);
  return stdout.trimEnd();
}
