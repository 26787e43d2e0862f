/** The processes of the service and the units around it. Source: proc(5). */
import { readFileSync } from 'node:fs';
import type { Machine } from '../../system/machine.ts';
import { childrenOf, startTime } from '../../system/processes.ts';
import { listUnits, show } from '../../system/systemd.ts';
import { describeProcesses } from '../processes/describe.ts';
import { ago, size } from './page.ts';

/** Ticks of startTime() in a second, which Linux gives to all programs. */
const TICKS = 100;
const PAGE = 4096;
/** More is not one page. */
const MOST = 24;
const PROPERTIES = ['ActiveState', 'SubState', 'Result', 'NRestarts'];

/**
 * The units of the web server, then its processes, each below the one that started it, then those of the Procfile with their last
 * result and, where they are scheduled, their next time.
 */
export async function processLines(machine: Machine, pid: number | undefined): Promise<string[]> {
  const names = (await listUnits(machine, 'gunicorn3*')).sort();
  const shown = await show(machine, names, PROPERTIES);
  const units = names.map((name) => {
    const { ActiveState = '', SubState = '', Result = '', NRestarts = '0' } = shown.get(name) ?? {};
    const ended = ['', 'success'].includes(Result) ? '' : `, ${Result}`;
    const restarts = ['', '0'].includes(NRestarts) ? '' : `, restarted ${NRestarts} times`;
    return `${name}: ${ActiveState} (${SubState}${ended}${restarts})`;
  });
  const all = pid === undefined ? [] : treeOf(pid, 0);
  const more = all.length > MOST ? [`and ${all.length - MOST} more processes`] : [];
  const others = (await describeProcesses(machine)).map((line) => line.replaceAll('\t', ', ').replace(', ', ': '));
  return [...units, ...all.slice(0, MOST), ...more, ...others];
}

function treeOf(pid: number, depth: number): string[] {
  const since = startedAt(pid);
  if (since === undefined) return [];
  const line = `${'  '.repeat(depth)}${pid}  ${size(residentBytes(pid))}  ${ago(since)}  ${nameOf(pid)}`;
  return [line, ...childrenOf(pid).flatMap((child) => treeOf(child, depth + 1))];
}

/** When a process began; undefined when there is none. */
export function startedAt(pid: number): Date | undefined {
  const ticks = startTime(pid);
  const [, boot] = /^btime (\d+)$/m.exec(read('/proc/stat')) ?? [];
  if (ticks === undefined || boot === undefined) return undefined;
  return new Date((Number(boot) + Number(ticks) / TICKS) * 1000);
}

/** What a process holds in memory, shared pages included. */
export function residentBytes(pid: number): number {
  return PAGE * Number(read(`/proc/${pid}/statm`).split(' ')[1] ?? 0);
}

/** The name that the kernel knows it by: a command line may hold secrets. */
function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
