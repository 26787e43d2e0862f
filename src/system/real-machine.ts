import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { posix } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from './errors.ts';
import { keepOutput } from './kept-output.ts';
import type { Machine, RunOptions, RunResult } from './machine.ts';

/** Bytes kept of each output stream when nothing else is asked. */
const KEEP = 1024 * 1024;
/** Milliseconds between the SIGTERM and the SIGKILL to a process group whose time is up. */
const GRACE = 2000;
/** Milliseconds that a program which ended may leave its output open to children that outlive it. */
const LINGER = 2000;

/**
 * The machine that the charm runs on.
 *
 * @param root - prefix of every file path; the environment variable WSGI_ROOT unless told, and empty on a real machine
 */
export function createMachine(root: string = process.env.WSGI_ROOT ?? ''): Machine {
  const prefix = root.replace(/\/+$/, '');
  return {
    root: prefix,
    clock: { now: () => performance.now(), pause: (milliseconds) => pause(milliseconds) },
    path(path) {
      if (!path.startsWith('/')) throw new TypeError(`Not an absolute path: ${path}`);
      // Nearly every path is as it should be, and to find that out by going through it takes longer.
      return prefix + (/\/[/.]/.test(path) ? posix.normalize(path) : path);
    },
    run(program, args, options = {}) {
      const cwd = options.cwd === undefined ? '/' : this.path(options.cwd);
      return run(program, args, options, cwd, prefix);
    },
  };
}

/**
 * The environment of programs: messages in English, no questions from debconf, and the root for the sandbox's programs.
 */
function environment(root: string, added: RunOptions['env']): Record<string, string> {
  const all: Record<string, string | undefined> = {
    ...process.env,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
    ...(root === '' ? {} : { WSGI_ROOT: root }),
    ...added,
  };
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function run(
  program: string,
  args: readonly string[],
  options: RunOptions,
  cwd: string,
  root: string,
): Promise<RunResult> {
  // Loaded when a first program runs: a hook that changes nothing runs none.
  const { execa } = await import('execa');
  if (!existsSync(cwd)) return failed(127, `${cwd}: No such file or directory`);
  const child = execa(program, args, {
    cwd,
    env: environment(root, options.env),
    extendEnv: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    buffer: false,
    encoding: 'buffer',
    reject: false,
    // A group of its own, which is ended as a whole.
    detached: true,
  });
  const bound = boundOf(child.pid, options.timeout);
  const stdout = keepOutput(options.keep ?? KEEP, options.onLine);
  const stderr = keepOutput(options.keep ?? KEEP, options.onLine);
  child.stdout.on('data', (chunk: Uint8Array) => stdout.write(chunk));
  child.stderr.on('data', (chunk: Uint8Array) => stderr.write(chunk));
  let linger: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    linger = setTimeout(() => {
      child.stdout.destroy();
      child.stderr.destroy();
    }, LINGER);
  });
  const result = await child;
  clearTimeout(linger);
  bound.lift();
  return {
    code: exitCode(result),
    stdout: stdout.end(),
    stderr: stderr.end() || (result.exitCode === undefined ? (result.originalMessage ?? '') : ''),
    timedOut: bound.reached(),
  };
}

function failed(code: number, stderr: string): RunResult {
  return { code, stdout: '', stderr, timedOut: false };
}

interface Ended {
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly code?: string | undefined;
  readonly cause?: unknown;
}

/** What a shell would say: 127 for no such program, 126 for one that cannot be run, 128 + number for a signal. */
function exitCode(result: Ended): number {
  if (result.exitCode !== undefined) return result.exitCode;
  const signal = Object.entries(constants.signals).find(([name]) => name === result.signal);
  if (signal !== undefined) return 128 + signal[1];
  const code = result.code ?? errorCode(result.cause);
  return code === 'ENOENT' ? 127 : 126;
}

/** Ends a process group when its time is up: by SIGTERM, and what ignores that by SIGKILL. */
function boundOf(
  pid: number | undefined,
  seconds: number | undefined,
): { readonly reached: () => boolean; readonly lift: () => void } {
  if (pid === undefined || seconds === undefined) return { reached: () => false, lift: () => undefined };
  let reached = false;
  let harder: NodeJS.Timeout | undefined;
  const timer = setTimeout(
    () => {
      reached = true;
      signalGroup(pid, 'SIGTERM');
      harder = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE);
    },
    Math.max(1, Math.round(seconds * 1000)),
  );
  return {
    reached: () => reached,
    lift: () => {
      clearTimeout(timer);
      clearTimeout(harder);
      if (reached) signalGroup(pid, 'SIGKILL');
    },
  };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nothing of the group is left.
  }
}
