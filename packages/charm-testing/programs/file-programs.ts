/** The programs that move files about, done in this process: starting a real one takes longer than a whole test may. */
import { chmodSync, lstatSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { errorCode } from '../../../src/system/index.ts';
import type { ProgramCall, ProgramResult, Programs } from '../program.ts';

/** Forms that are not among these are left to the real programs. */
export const filePrograms: Programs = {
  'mv -T': move,
  'rm -rf': remove,
  'mkdir -p': makeFolders,
  chmod: changeMode,
  test: testFile,
  sync: {},
};

/** Words that are no options; a machine path never begins with a dash. */
function operands(args: readonly string[]): string[] {
  return args.filter((arg) => !arg.startsWith('-'));
}

function move({ args }: ProgramCall): ProgramResult {
  const [from = '', to = ''] = operands(args);
  return attempt('mv', () => renameSync(from, to));
}

function remove({ args }: ProgramCall): ProgramResult {
  return attempt('rm', () => {
    for (const path of operands(args)) rmSync(path, { recursive: true, force: true });
  });
}

function makeFolders({ args }: ProgramCall): ProgramResult {
  return attempt('mkdir', () => {
    for (const path of operands(args)) mkdirSync(path, { recursive: true });
  });
}

/** Adds read permission only: no test depends on what `a+rX,go-w` takes away. */
function changeMode({ args }: ProgramCall): ProgramResult | undefined {
  const [mode = '', ...paths] = operands(args);
  if (args.includes('-R')) return {};
  if (!/^[0-7]{3,4}$/.test(mode)) return undefined;
  return attempt('chmod', () => {
    for (const path of paths) chmodSync(path, Number.parseInt(mode, 8));
  });
}

function testFile({ args }: ProgramCall): ProgramResult | undefined {
  const [condition, path = '', ...more] = args;
  if (more.length > 0) return undefined;
  const stat = condition === '-L' ? lstatSync : statSync;
  const found = stat(path, { throwIfNoEntry: false });
  const holds = {
    '-d': found?.isDirectory(),
    '-f': found?.isFile(),
    '-e': found !== undefined,
    '-L': found?.isSymbolicLink(),
  };
  if (condition === undefined || !(condition in holds)) return undefined;
  return { code: holds[condition as keyof typeof holds] === true ? 0 : 1 };
}

function attempt(program: string, act: () => void): ProgramResult {
  try {
    act();
    return {};
  } catch (error) {
    return { code: 1, stderr: `${program}: ${errorCode(error) ?? String(error)}\n` };
  }
}
