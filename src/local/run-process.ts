import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { ExecOptions, ExecResult } from './machine.ts';

/** After the program has ended, how long its output may still be held open by what it left in the background. */
const DRAIN_MS = 500;

/**
 * Runs one program of a machine in a process group of its own, which is ended when `signal` aborts.
 * A program that is not there gives code 127, as a shell does.
 */
export function runProcess(
  argv: readonly string[],
  options: ExecOptions & { readonly cwd: string },
): Promise<ExecResult> {
  const [program, ...args] = argv;
  if (program === undefined) throw new TypeError('argv is empty');
  return new Promise((resolve) => {
    const how = { env: { ...options.env }, cwd: options.cwd, detached: true };
    // Without input it reads from /dev/null, as a hook does.
    const child =
      options.input === undefined
        ? spawn(program, args, { ...how, stdio: ['ignore', 'pipe', 'pipe'] })
        : spawn(program, args, { ...how, stdio: ['pipe', 'pipe', 'pipe'] });
    const stdout = collect(child.stdout, options.onStdout);
    const stderr = collect(child.stderr, options.onStderr);
    const abort = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
    };
    let drain: NodeJS.Timeout | undefined;
    const finish = (code: number, signal?: string): void => {
      options.signal?.removeEventListener('abort', abort);
      clearTimeout(drain);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ code, ...(signal ? { signal } : {}), stdout: stdout(), stderr: stderr() });
    };
    child.once('error', (problem: NodeJS.ErrnoException) => {
      if (child.pid === undefined) {
        stderr(`${program}: ${problem.code === 'ENOENT' ? 'command not found' : problem.message}\n`);
        finish(problem.code === 'ENOENT' ? 127 : 126);
      }
    });
    const codeOf = (code: number | null, signal: NodeJS.Signals | null): [number, string?] =>
      signal ? [128 + constants.signals[signal], signal] : [code ?? 0];
    child.once('exit', (code, signal) => {
      drain = setTimeout(() => finish(...codeOf(code, signal)), DRAIN_MS);
    });
    child.once('close', (code, signal) => {
      if (child.pid !== undefined) finish(...codeOf(code, signal));
    });
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    child.stdin?.on('error', () => undefined); // it need not read what it is given
    child.stdin?.end(options.input ?? '');
  });
}

/** Gathers a stream as text and calls back for each line; the returned function gives what has come, adding `more`. */
function collect(
  stream: NodeJS.ReadableStream,
  onLine: ((line: string) => void) | undefined,
): (more?: string) => string {
  let text = '';
  let rest = '';
  stream.setEncoding('utf8');
  const add = (chunk: string): void => {
    text += chunk;
    if (!onLine) return;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  stream.on('data', add);
  return (more) => {
    if (more !== undefined) add(more);
    else if (rest) {
      onLine?.(rest);
      rest = '';
    }
    return text;
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {}
}
