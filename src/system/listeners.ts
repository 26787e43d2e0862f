import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Machine } from './machine.ts';

/** The state LISTEN in /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = '0A';

/**
 * Who holds a TCP port: `nginx.service (nginx, process 812)`, a socket unit, or `python3 (process 4711)`. Undefined when the
 * port is free, or its holder is not visible to the charm's user. Source: proc(5).
 */
export async function whoListens(machine: Machine, port: number): Promise<string | undefined> {
  const inodes = listeningInodes(port);
  const pid = inodes.size === 0 ? undefined : holderOf(inodes);
  if (pid === undefined) return undefined;
  const name = read(`/proc/${pid}/comm`).trim();
  const unit = pid === 1 ? await socketUnitOf(machine, port) : serviceOf(pid);
  if (unit === undefined) return `${name} (process ${pid})`;
  return pid === 1 ? unit : `${unit} (${name}, process ${pid})`;
}

function listeningInodes(port: number): Set<string> {
  const lines = ['tcp', 'tcp6'].flatMap((table) => read(`/proc/self/net/${table}`).split('\n').slice(1));
  const ours = lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && Number.parseInt(local?.split(':')[1] ?? '', 16) === port);
  return new Set(ours.map((fields) => fields[9] ?? '').filter((inode) => inode !== '' && inode !== '0'));
}

/** The oldest process that has one of the sockets open: workers have it from the one that bound it. */
function holderOf(inodes: ReadonlySet<string>): number | undefined {
  const pids = list('/proc').filter((name) => /^\d+$/.test(name));
  const holders = pids.map(Number).sort((a, b) => a - b);
  return holders.find((pid) => list(`/proc/${pid}/fd`).some((fd) => inodes.has(inodeOf(`/proc/${pid}/fd/${fd}`))));
}

function inodeOf(path: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(path))?.[1] ?? '';
  } catch {
    return '';
  }
}

/** The service that a process belongs to, by its control group. */
function serviceOf(pid: number): string | undefined {
  const groups = read(`/proc/${pid}/cgroup`).split('\n');
  const path = groups.find((line) => line.startsWith('0::/') || line.includes('name=systemd'));
  return path?.split('/').findLast((part) => part.endsWith('.service'));
}

/** systemd itself holds the sockets of services that it starts on demand. */
async function socketUnitOf(machine: Machine, port: number): Promise<string | undefined> {
  const { stdout } = await machine.run('systemctl', ['list-sockets', '--no-legend', '--no-pager', '--full'], {
    timeout: 30,
  });
  const line = stdout.split('\n').find((each) => each.trim().split(/\s+/)[0]?.endsWith(`:${port}`));
  return line?.trim().split(/\s+/)[1];
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    // Gone since, or another user's.
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
