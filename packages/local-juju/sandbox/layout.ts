import { randomBytes, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { HOST_PATH, type Python } from './python.ts';

/** What a sandbox remembers of itself beside its files. */
const record = z.object({ id: z.string(), address: z.string(), python: z.string(), systemd: z.number().default(257) });
export type MachineRecord = z.infer<typeof record>;

const FOLDERS = [
  'etc/systemd/system',
  'etc/logrotate.d',
  'etc/sandbox/faults',
  'etc/ssl/certs',
  'home',
  'opt',
  'run/systemd/system',
  'srv',
  'usr/local/bin',
  'usr/local/lib',
  'usr/local/share',
  'usr/lib/systemd/system',
  'var/cache',
  'var/lib/dpkg',
  'var/log/journal',
  'var/spool',
];

// The users that every Debian has, as base-passwd makes them.
const USERS = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
backup:x:34:34:backup:/var/backups:/usr/sbin/nologin
_apt:x:42:65534::/nonexistent:/usr/sbin/nologin
syslog:x:104:110::/home/syslog:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;
const GROUPS = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:syslog
mail:x:8:
man:x:12:
sudo:x:27:
www-data:x:33:
backup:x:34:
syslog:x:110:
systemd-journal:x:999:
nogroup:x:65534:
`;

/** Makes the files of a new machine: its root, its stand-ins, its record. */
export async function layOut(
  directory: string,
  wanted: {
    readonly id: string;
    readonly address: string | undefined;
    readonly systemd: number | undefined;
    readonly python: Python;
  },
): Promise<MachineRecord> {
  const root = join(directory, 'root');
  await mkdir(join(directory, 'run'), { recursive: true, mode: 0o700 });
  for (const folder of FOLDERS) await mkdir(join(root, folder), { recursive: true });
  await mkdir(join(root, 'root'), { recursive: true, mode: 0o700 });
  for (const folder of ['tmp', 'var/tmp']) {
    await mkdir(join(root, folder), { recursive: true });
    await chmod(join(root, folder), 0o1777);
  }
  await writeFile(join(root, 'etc/passwd'), USERS);
  await writeFile(join(root, 'etc/group'), GROUPS);
  await writeFile(join(root, 'etc/machine-id'), `${randomBytes(16).toString('hex')}\n`);
  await writeFile(join(root, 'etc/hostname'), `machine-${wanted.id}\n`);
  await copyFile('/etc/os-release', join(root, 'etc/os-release')).catch(() => undefined);
  // Plugins of monitoring-plugins are called by their path.
  if (existsSync('/usr/lib/nagios')) await symlink('/usr/lib/nagios', join(root, 'usr/lib/nagios'));
  const made = {
    id: wanted.id,
    address: wanted.address ?? randomLoopback(),
    python: wanted.python.path,
    systemd: wanted.systemd ?? 257,
  };
  await writeFile(join(directory, 'machine.json'), `${JSON.stringify(made)}\n`);
  return made;
}

/** Reads what {@link layOut} wrote; undefined where there is no machine. */
export async function readRecord(directory: string): Promise<MachineRecord | undefined> {
  try {
    return record.parse(JSON.parse(await readFile(join(directory, 'machine.json'), 'utf8')));
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return undefined;
    throw problem;
  }
}

/**
 * Puts the stand-ins for apt, the account tools and their like on the machine's PATH, anew at each boot: their source may have
 * moved since. `programs` are their names. Those of systemd are put there when it boots.
 */
export async function placeStandIns(
  directory: string,
  source: string,
  python: string,
  programs: readonly string[],
): Promise<void> {
  const bin = join(directory, 'bin');
  await rm(bin, { recursive: true, force: true });
  await mkdir(bin, { recursive: true });
  const program = (await readFile(join(source, 'standins/program.py'), 'utf8'))
    .replaceAll('@DIRECTORY@', quotable(directory))
    .replaceAll('@PYTHON@', python)
    .replaceAll('@SOURCE@', quotable(source))
    .replaceAll('@CACHE@', quotable(pycacheFolder() ?? ''));
  await writeFile(join(bin, '.program.py'), program, { mode: 0o755 });
  for (const name of programs) await symlink('.program.py', join(bin, name));
}

/** Where Python keeps its compiled files, for none may be written beside the sources. */
function pycacheFolder(): string | undefined {
  const cache = process.env.XDG_CACHE_HOME ?? (process.env.HOME ? join(homedir(), '.cache') : undefined);
  return cache ? join(cache, 'layer-wsgi', 'python') : undefined;
}

/** PATH of hooks and commands on the machine. */
export function machinePath(directory: string, python: Python): string {
  const folders = [join(directory, 'bin'), ...HOST_PATH];
  return [...folders, ...(python.folder && !folders.includes(python.folder) ? [python.folder] : [])].join(':');
}

/** Inside quotes of either kind, of Perl and of Python alike. */
function quotable(path: string): string {
  if (/['"\\\n]/.test(path)) throw new Error(`a sandbox cannot be in ${JSON.stringify(path)}: quotes in its path`);
  return path;
}

/** One of four million addresses; the supervisor holds it, so that a second machine with the same one is refused. */
function randomLoopback(): string {
  return `127.${randomInt(64, 127)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}
