import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export interface Command {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export interface Cost {
  /** Milliseconds. */
  readonly wall: number;
  /** Milliseconds, of the process and all that it started and waited for. */
  readonly cpu: number;
  /** MiB at the most, of the largest process. */
  readonly memory: number;
}

/** Runs commands in turn, so many times each, and gives the medians. */
export function measure(commands: Readonly<Record<string, Command>>, runs: number): Record<string, Cost> {
  const input = JSON.stringify({ runs, commands });
  const script = join(import.meta.dirname, 'measure.py');
  return JSON.parse(execFileSync('python3', [script], { input, encoding: 'utf8' }));
}
