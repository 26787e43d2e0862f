/** Programs of the machine under test: a table of answers in place of processes. */
import { readlinkSync } from 'node:fs';
import { basename, posix } from 'node:path';
import type { RunOptions, RunResult } from '../../src/system/index.ts';

/** One run of a program. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
  /** Where the machine's files really are. */
  readonly root: string;
}

/** What a program does; what is left out is success without a word. */
export type ProgramResult = Partial<RunResult>;
export type ProgramAnswer =
  | ProgramResult
  | ((call: ProgramCall) => ProgramResult | undefined | Promise<ProgramResult | undefined>);

/**
 * Answers by program, and by its first arguments where the key has them: `make`, `systemctl start`. The longest key that
 * fits is asked; a function that returns undefined leaves the answer to the usual machine.
 *
 * @example
 * state({ programs: { 'apt-get': { code: 100, stderr: 'E: Unable to locate package nosuch\n' } } });
 */
export type Programs = Readonly<Record<string, ProgramAnswer>>;

/** What was run, in order. Environment and input are left out, as they may hold secrets. */
export interface Ran {
  readonly program: string;
  readonly args: readonly string[];
  readonly code: number;
}

/** The answer that fits a call best. */
function findAnswer(programs: Programs, program: string, args: readonly string[]): ProgramAnswer | undefined {
  const line = [program, ...args].join(' ');
  const keys = Object.keys(programs).filter((key) => line === key || line.startsWith(`${key} `));
  const [longest] = keys.sort((a, b) => b.length - a.length);
  return longest === undefined ? undefined : programs[longest];
}

export function completed(result: ProgramResult): RunResult {
  return { code: 0, stdout: '', stderr: '', timedOut: false, ...result };
}

/** Keys are programs as they are called, without the folder that stands for the machine's root. */
export async function answerOf(programs: Programs, call: ProgramCall): Promise<RunResult | undefined> {
  const words = [call.program, ...call.args].map((word) => bare(word, call.root));
  const [program = '', ...args] = words;
  const answer = findAnswer(programs, program, args) ?? findAnswer(programs, basename(program), args);
  const result = typeof answer === 'function' ? await answer(call) : answer;
  return result === undefined ? undefined : completed(result);
}

/** A file that the charm holds open goes by the number of the process, which says nothing to a reader. */
export function heldPath(word: string): string {
  const [held, rest] = [/^\/proc\/\d+\/fd\/\d+/.exec(word)?.[0], word.replace(/^\/proc\/\d+\/fd\/\d+/, '')];
  if (held === undefined) return word;
  try {
    return posix.normalize(readlinkSync(held) + rest);
  } catch {
    return word;
  }
}

/** A word without the folder that stands for the machine's root. */
export function bare(word: string, root: string): string {
  return word.replaceAll(root, '');
}
