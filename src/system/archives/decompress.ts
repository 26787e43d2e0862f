import { spawn } from 'node:child_process';
import { closeSync, createReadStream, openSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { errorCode } from '../errors.ts';
import { keepOutput } from '../kept-output.ts';
import { lastLine } from '../last-line.ts';
import type { Format } from './format.ts';
import { Refusal } from './refusal.ts';

interface Decompressor {
  readonly program: string;
  readonly args: readonly string[];
  /** Debian package that has it. */
  readonly from: string;
}

/** Programs with a bound on the memory that an archive may ask for. */
const PROGRAMS: Partial<Record<Format, Decompressor>> = {
  'tar.xz': { program: 'xz', args: ['--decompress', '--stdout', '--memlimit-decompress=256MiB'], from: 'xz-utils' },
  'tar.bz2': { program: 'bzip2', args: ['--decompress', '--stdout'], from: 'bzip2' },
  'tar.zst': { program: 'zstd', args: ['--decompress', '--stdout', '--memory=256MB', '--quiet'], from: 'zstd' },
};

/** Users that decompressors run as where root starts them: they need no right to anything. */
const NOBODY = 65534;

/**
 * The tar archive in an open file, in pieces.
 *
 * @param signal - ends it early
 * @throws Refusal when it is damaged, truncated, or there is no program for it
 */
export async function* decompress(fd: number, format: Format, signal: AbortSignal): AsyncGenerator<Buffer> {
  const program = PROGRAMS[format];
  if (program !== undefined) {
    yield* byProgram(fd, program, signal);
    return;
  }
  const file = createReadStream('', { fd: reopen(fd), highWaterMark: 256 * 1024, signal });
  if (format === 'tar') {
    yield* file;
    return;
  }
  const gunzip = createGunzip({ chunkSize: 256 * 1024 });
  file.once('error', (error) => gunzip.destroy(error));
  try {
    yield* file.pipe(gunzip);
  } catch (error) {
    if (!errorCode(error)?.startsWith('Z_')) throw error;
    throw new Refusal(`it is damaged: ${error instanceof Error ? error.message : error}`);
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}

/** Opens an open file once more, to begin at the beginning: the position belongs to the opening, not to the file. */
function reopen(fd: number): number {
  return openSync(`/proc/self/fd/${fd}`, 'r');
}

async function* byProgram(
  fd: number,
  { program, args, from }: Decompressor,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const asNobody = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const file = reopen(fd);
  const child = spawn(program, args, { cwd: '/', stdio: [file, 'pipe', 'pipe'], ...asNobody });
  closeSync(file);
  const { stdout } = child;
  if (stdout === null) throw new Error(`${program} was started without a pipe`);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // A reader that stops early does not wait for it.
  ended.catch(() => undefined);
  const stderr = keepOutput(4096);
  child.stderr?.on('data', (chunk: Buffer) => stderr.write(chunk));
  const stop = () => child.kill('SIGKILL');
  signal.addEventListener('abort', stop);
  try {
    yield* stdout;
    const code = await ended;
    if (code !== 0)
      throw new Refusal(`it is damaged: ${lastLine(stderr.end()) || `${program} ended with code ${code}`}`);
  } catch (error) {
    if (!['ENOENT', 'EACCES'].includes(errorCode(error) ?? '')) throw error;
    throw new Refusal(`it needs the program ${program}; add ${from} to apt_dependencies`);
  } finally {
    signal.removeEventListener('abort', stop);
    stop();
  }
}
