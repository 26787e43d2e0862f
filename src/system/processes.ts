/** What the kernel says about a process. Source: proc(5). */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Processes come and go between two looks; one that has gone has nothing to say.
    return undefined;
  }
}

/**
 * When a process began, in clock ticks since boot: with the pid it names one process for ever, as pids are used again.
 * Undefined when there is none, or only its zombie is left.
 */
export function startTime(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The name in brackets may hold anything, brackets and spaces too; what follows the last one is regular.
  const [state, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return state === 'Z' || state === 'X' ? undefined : rest[18];
}

/** A variable of the environment that a process was started with. */
export function environmentOf(pid: number, name: string): string | undefined {
  const prefix = `${name}=`;
  const entry = read(`/proc/${pid}/environ`)
    ?.split('\0')
    .find((pair) => pair.startsWith(prefix));
  return entry?.slice(prefix.length);
}

/** The real user of a process, as a number; undefined when there is none. */
export function userOf(pid: number): number | undefined {
  const [, uid] = /^Uid:\s+(\d+)/m.exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return uid === undefined ? undefined : Number(uid);
}

/** Whether the folder that a process works in was removed, even where another stands in its place. */
export function hasLostFolder(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).endsWith(' (deleted)');
  } catch {
    return false;
  }
}

/** The program that a process runs, as device and inode of its file: the same for a fork, another for what is called. */
function programOf(pid: number): string | undefined {
  try {
    const { dev, ino } = statSync(`/proc/${pid}/exe`);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** Bytes of memory that a process has, those that it shares included; 0 where there is none. */
export function residentMemory(pid: number): number {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1] ?? 0);
}

/** The processes that a process has started itself and that still run, sorted. */
export function childrenOf(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads
    .flatMap((thread) => (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' '))
    .filter((word) => word !== '')
    .map(Number)
    .sort((a, b) => a - b);
}

/** Children that run what the main process runs: a program that it calls may come and go. */
export function workersOf(pid: number): number[] {
  const program = programOf(pid);
  return childrenOf(pid).filter((child) => programOf(child) === program);
}
