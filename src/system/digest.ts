import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, openSync, readlinkSync, readSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { errorCode } from './errors.ts';
import type { Machine } from './machine.ts';
import { type TreeOptions, walkTree } from './tree-walk.ts';

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CHUNK = 256 * 1024;

/**
 * SHA-256 over names, kinds, executable bits, link targets and contents of all that is in a folder, the same wherever and by
 * whomever it is read. Owners, other modes and times do not count. Links are not followed.
 */
export async function digestTree(machine: Machine, directory: string, options: TreeOptions = {}): Promise<string> {
  const buffer = Buffer.allocUnsafe(CHUNK);
  const total = createHash('sha256');
  walkTree(machine, directory, options, (name, kind, path, stat) => {
    total.update(`${name}\0${kind}\0`, 'latin1');
    if (stat.isSymbolicLink()) total.update(targetOf(path));
    if (stat.isFile()) total.update((stat.mode & 0o111n) === 0n ? '-' : 'x').update(contentOf(path, buffer));
    total.update('\0');
  });
  return total.digest('hex');
}

/** What a link holds; nothing where it was replaced since it was looked at. */
function targetOf(path: Buffer): Buffer {
  try {
    return readlinkSync(path, 'buffer');
  } catch (error) {
    if (['ENOENT', 'EINVAL'].includes(errorCode(error) ?? '')) return Buffer.alloc(0);
    throw error;
  }
}

/** Digest of a content, so that its end is told from what follows. */
function contentOf(path: Buffer, buffer: Buffer): Buffer {
  const content = createHash('sha256');
  let fd: number;
  try {
    fd = openSync(path, READ);
  } catch (error) {
    // Replaced since it was looked at: the next look sees what by.
    if (['ENOENT', 'ELOOP'].includes(errorCode(error) ?? '')) return content.digest();
    throw error;
  }
  try {
    for (let read = 1; read > 0; ) {
      read = readSync(fd, buffer);
      content.update(buffer.subarray(0, read));
    }
  } finally {
    closeSync(fd);
  }
  return content.digest();
}

/** A digest of any JSON, the same for the same content; says nothing of what is in it. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** SHA-256 of a file of this host, in hexadecimal, as sha256sum prints it. */
export async function digestFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
