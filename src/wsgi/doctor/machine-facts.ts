/** Room on disks and in memory. Source: statfs(2), proc_meminfo(5). */
import { readFileSync, statfsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Machine } from '../../system/machine.ts';
import { childrenOf } from '../../system/processes.ts';
import { STATE_DIRECTORY, VENVS } from '../paths.ts';
import { size } from './page.ts';
import { residentBytes } from './processes.ts';

/** Where the charm or the application writes. */
const PLACES = ['/', '/srv', '/var/log', '/tmp', STATE_DIRECTORY, VENVS];
/** Part of a disk or its inodes from which on it is called nearly full. */
const NEARLY_FULL = 0.9;

/** One line a file system: how much is used, and what is on it. */
export function diskLines(machine: Machine): string[] {
  const disks = new Map<string, string[]>();
  for (const place of PLACES) {
    const disk = diskLine(machine.path(place));
    if (disk !== undefined) disks.set(disk, [...(disks.get(disk) ?? []), place]);
  }
  return [...disks].map(([line, places]) => `${line} (${places.join(', ')})`);
}

function diskLine(path: string): string | undefined {
  try {
    const { blocks, bavail, bfree, bsize, files, ffree } = statfsSync(path);
    const used = blocks - bfree;
    const part = used + bavail === 0 ? 0 : used / (used + bavail);
    const inodes = files === 0 ? 0 : 1 - ffree / files;
    const warning = Math.max(part, inodes) >= NEARLY_FULL ? 'NEARLY FULL: ' : '';
    return `${warning}${percent(part)} used, ${size(bavail * bsize)} free, ${percent(inodes)} of inodes used`;
  } catch {
    return undefined;
  }
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}

/** Memory of the machine and of the service, and how busy the processors are. */
export function memoryLines(pid: number | undefined): string[] {
  const text = readFileSync('/proc/meminfo', 'utf8');
  const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
  const total = bytes('MemTotal');
  const available = bytes('MemAvailable');
  const swap = bytes('SwapTotal');
  const warning = available < (1 - NEARLY_FULL) * total ? 'NEARLY FULL: ' : '';
  const load = loadavg().map((each) => each.toFixed(1));
  return [
    `${warning}${size(available)} of ${size(total)} available`,
    swap === 0 ? 'no swap' : `swap: ${size(swap - bytes('SwapFree'))} of ${size(swap)} used`,
    ...(pid === undefined ? [] : [`the service uses ${size(memoryOf(pid))}`]),
    `load ${load.join(' ')} on ${availableParallelism()} processors`,
  ];
}

function memoryOf(pid: number): number {
  return childrenOf(pid).reduce((sum, child) => sum + memoryOf(child), residentBytes(pid));
}
