/** The programs of a usual Debian machine, as far as a charm calls them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProgramCall, ProgramResult, Programs } from '../program.ts';
import type { State } from '../state.ts';
import { aptPrograms } from './apt.ts';
import { filePrograms } from './file-programs.ts';
import type { Systemd } from './systemd.ts';
import { userPrograms } from './users.ts';

type Installed = Pick<State, 'packages' | 'archive' | 'users'>;

export interface UsualPrograms {
  readonly programs: Programs;
  read(): Pick<State, 'packages' | 'users'>;
}

export function usualPrograms(installed: Installed, systemd: Systemd): UsualPrograms {
  const packages = new Map(Object.entries(installed.packages));
  const users = new Set(installed.users);
  return {
    programs: {
      ...aptPrograms(packages, installed.archive),
      ...userPrograms(users),
      ...filePrograms,
      systemctl: (call) => systemd.systemctl(call.args),
      journalctl: (call) => systemd.journalctl(call.args),
      'systemd-analyze': {},
      // A timer of systemd-run: its command runs after the hook.
      'systemd-run': {},
      python3: python,
      'python3.12': python,
      logrotate: {},
      make: {},
      bash: {},
      sh: {},
    },
    read: () => ({ packages: Object.fromEntries(packages), users: [...users] }),
  };
}

/** Says where and what it is, makes virtual environments, and packs texts. A `-c` that asks for anything else is for the test to answer. */
function python({ args, options }: ProgramCall): ProgramResult {
  if (args.includes('venv')) return venv(args.at(-1) ?? '');
  if (args.includes('--version') || args.includes('-V')) return { stdout: 'Python 3.12.3\n' };
  if (args.some((arg) => arg.includes('lzma'))) return { stdout: packed(options.input ?? '') };
  return args.includes('-c') ? { stdout: '/usr/bin/python3.12\ncpython-312\n3 12\n' } : {};
}

/** What begins as xz does, in base64, and holds the text as it is: a test can read it without a process. */
function packed(text: string | Uint8Array): string {
  return `/Td6WFoA${Buffer.from(text).toString('base64')}\n`;
}

/** Leaves what tells a virtual environment from any other folder. */
function venv(dir: string): ProgramResult {
  mkdirSync(join(dir, 'bin'), { recursive: true });
  mkdirSync(join(dir, 'lib/python3.12/site-packages'), { recursive: true });
  writeFileSync(join(dir, 'pyvenv.cfg'), 'home = /usr/bin\nversion = 3.12.3\n');
  for (const name of ['python', 'python3']) writeFileSync(join(dir, 'bin', name), '#!/bin/sh\n', { mode: 0o755 });
  return {};
}
