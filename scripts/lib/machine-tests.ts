import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What the tests in test/machine boot Debian with, by program and the Debian package that has it. */
const TOOLS: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  mmdebstrap: 'mmdebstrap',
};

export interface MachineTests {
  readonly run: boolean;
  /** Why not, and how to get them; empty when they run. */
  readonly why: string;
}

/** Says whether tests on real (nspawn) machines can run here; as root, installs the tools that they need. */
export function machineTests(mode: string): MachineTests {
  if (mode === 'skip') return { run: false, why: 'asked for by --machine=skip.' };
  if (process.getuid?.() !== 0)
    return { run: false, why: 'they boot a Debian of their own, which needs root. Run `sudo npm test`.' };
  const packages = missing();
  if (packages.length === 0) return { run: true, why: '' };
  if (!onPath('apt-get')) {
    return {
      run: false,
      why: `there is no ${Object.keys(TOOLS)
        .filter((tool) => !onPath(tool))
        .join(' and no ')}. Install them.`,
    };
  }
  console.log(`Installing ${packages.join(' and ')} for the tests on real machines ...`);
  const apt = (...args: string[]) =>
    spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      encoding: 'utf8',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
  const updated = apt('update');
  const installed = apt('install', '--yes', '--no-install-recommends', ...packages);
  if (missing().length === 0) return { run: true, why: '' };
  const lastLine = `${updated.stderr}${installed.stderr}`.trim().split('\n').at(-1) ?? '';
  return { run: false, why: `apt-get install ${packages.join(' ')} failed: ${lastLine}` };
}

function missing(): string[] {
  return Object.entries(TOOLS).flatMap(([program, debianPackage]) => (onPath(program) ? [] : [debianPackage]));
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
}
