/** Measurements as text for people: Markdown, which reads well on a terminal too. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

export function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const all = [head, ...rows].map((row) => row.map(String));
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (column === 0 ? (row[0] ?? '').padEnd(width) : (row[column] ?? '').padStart(width))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [first = [], ...others] = all;
  return [line(first), rule, ...others.map(line)].join('\n');
}

/** A promise about a number, and whether it is kept. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly most?: number;
  readonly least?: number;
}

export function targets(all: readonly Target[]): string {
  const rows = all.map(({ what, measured, most, least }) => {
    const reached = (most === undefined || measured <= most) && (least === undefined || measured >= least);
    const asked = most === undefined ? `at least ${least}` : `at most ${most}`;
    return [what, asked, shown(measured), reached ? 'yes' : 'no'];
  });
  return table(['target', 'asked', 'measured', 'reached'], rows);
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds of processor time that this process has taken. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What the numbers depend on; not which machine it is. */
export function machineDescription(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const python = execFileSync('python3', ['--version'], { encoding: 'utf8' }).trim();
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  return [
    `${model}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${system}, Linux ${release()}`,
    `Node ${process.versions.node}, ${python}`,
    `load average at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  ]
    .map((line) => `- ${line}`)
    .join('\n');
}
