import { type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ExecOptions, ExecResult } from './machine.ts';
import { outputPipes } from './output-pipes.ts';

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
  const pipes = outputPipes();
  return new Promise((resolve) => {
    // Without input it reads from /dev/null, as a hook does.
    const stdin = options.input === undefined ? 'ignore' : 'pipe';
    const [out, err] = pipes?.write ?? (['pipe', 'pipe'] as const);
    const stdio: StdioOptions = [stdin, out, err];
    const child = spawn(program, args, { env: { ...options.env }, cwd: options.cwd, detached: true, stdio });
    pipes?.handOver();
    const streams = [pipes?.read[0] ?? child.stdout, pipes?.read[1] ?? child.stderr] as const;
    const stdout = collect(streams[0], options.onStdout);
    const stderr = collect(streams[1], options.onStderr);
    const abort = (): void => {
      if (child.pid !== undefined) killGroup(child.pid);
    };
    let drain: NodeJS.Timeout | undefined;
    const finish = (code: number, signal?: string): void => {
      options.signal?.removeEventListener('abort', abort);
      clearTimeout(drain);
      for (const stream of streams) stream?.destroy();
      resolve({ code, signal, stdout: stdout(), stderr: stderr() });
    };
    child.once('error', (problem: NodeJS.ErrnoException) => {
      if (child.pid === undefined) {
        stderr(`${program}: ${problem.code === 'ENOENT' ? 'command not found' : problem.message}\n`);
        finish(problem.code === 'ENOENT' ? 127 : 126);
      }
    });
    child.once('exit', (code, signal) => {
      const end = (): void => {
        if (signal) finish(128 + constants.signals[signal], signal);
        else finish(code ?? 0);
      };
      drain = setTimeout(end, DRAIN_MS);
      const ended = streams.map((stream) =>
        stream === null || stream.readableEnded ? undefined : once(stream, 'end'),
      );
      void Promise.all(ended).then(end, end);
    });
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener('abort', abort, { once: true });
    child.stdin?.on('error', () => undefined); // it need not read what it is given
    child.stdin?.end(options.input ?? '');
  });
}

/** Gathers a stream as text and calls back for each line; the returned function gives what has come, adding `more`. */
function collect(stream: Readable | null, onLine: ((line: string) => void) | undefined): (more?: string) => string {
  let text = '';
  let rest = '';
  stream?.setEncoding('utf8');
  const add = (chunk: string): void => {
    text += chunk;
    if (!onLine) return;
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
  stream?.on('data', add);
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
