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

/**
 * Real pipes: what Node calls pipes are sockets, which a program cannot open by way of /dev/stdout or /dev/stderr.
 * @returns undefined where there is no mkfifo
 */
export function outputPipes(): OutputPipes | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'output-'));
  try {
    const [stdout, stderr] = [join(folder, 'stdout'), join(folder, 'stderr')];
    if (spawnSync('mkfifo', ['-m', '600', stdout, stderr]).status !== 0) return undefined;
    // A reader has to be there before a writer may open.
    const readers = [stdout, stderr].map((path) => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK));
    const write = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
    const [out = -1, err = -1] = readers;
    const read = [
      new Socket({ fd: out, readable: true, writable: false }),
      new Socket({ fd: err, readable: true, writable: false }),
    ] as const;
    const handOver = () => {
      for (const end of write) closeSync(end);
    };
    return { write, read, handOver };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
