import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Two pipes for the output of a program. */
export interface OutputPipes {
  /** The ends that the program writes to. */
  readonly write: readonly [number, number];
  /** The ends that are read here. */
  readonly read: readonly [Socket, Socket];
  /** Closes the writing ends of this process, once the program has its own. */
  readonly handOver: () => void;
}

interface Pipe {
  readonly read: number;
  readonly write: number;
}

/** Made in one go, for a process that makes them costs more than they do. */
const AT_ONCE = 16;
const ready: Pipe[] = [];

/**
 * Real pipes: what Node calls pipes are sockets, which a program cannot open by way of /dev/stdout or /dev/stderr.
 * @returns undefined where there is no mkfifo
 */
export function outputPipes(): OutputPipes | undefined {
  if (ready.length < 2) ready.push(...makePipes());
  const [stdout, stderr] = ready.splice(0, 2);
  if (stdout === undefined || stderr === undefined) return undefined;
  const reader = ({ read }: Pipe) => new Socket({ fd: read, readable: true, writable: false });
  return {
    write: [stdout.write, stderr.write],
    read: [reader(stdout), reader(stderr)],
    handOver: () => {
      for (const { write } of [stdout, stderr]) closeSync(write);
    },
  };
}

/** Pipes without a name: each has its own while it is opened. */
function makePipes(): Pipe[] {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  try {
    const paths = Array.from({ length: AT_ONCE }, (_, i) => join(folder, String(i)));
    if (spawnSync('mkfifo', ['-m', '600', ...paths]).status !== 0) return [];
    // A reader has to be there before a writer may open.
    return paths.map((path) => ({
      read: openSync(path, constants.O_RDONLY | constants.O_NONBLOCK),
      write: openSync(path, 'w'),
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
