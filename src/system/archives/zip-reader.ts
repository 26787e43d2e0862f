import { constants } from 'node:fs';
import { crc32 } from 'node:zlib';
import { type Entry, fromFdPromise, type ZipFile } from 'yauzl';
import type { Limits, Member, Sink, Visit } from './member.ts';
import { Refusal, shown } from './refusal.ts';

/** The systems that made a member and whose attributes carry a mode (APPNOTE 4.4.2): Unix, and macOS. */
const WITH_MODE = [3, 19];
const KINDS: ReadonlyMap<number, Member['kind']> = new Map([
  [0, 'file'],
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFLNK, 'symlink'],
]);
const OTHERS: ReadonlyMap<number, string> = new Map([
  [constants.S_IFIFO, 'a named pipe'],
  [constants.S_IFCHR, 'a device'],
  [constants.S_IFBLK, 'a device'],
  [constants.S_IFSOCK, 'a socket'],
]);
const LONGEST_TARGET = 4096;
const STORED = 0;
const DEFLATED = 8;

/**
 * Reads a zip archive and hands each member to `visit`, in the order of the central directory.
 *
 * @throws Refusal for what is damaged, encrypted or compressed otherwise, and what `visit` throws
 * @see APPNOTE.TXT, the .ZIP file format specification
 */
export async function readZip(fd: number, limits: Limits, signal: AbortSignal, visit: Visit): Promise<void> {
  const zip = await understood(fromFdPromise(fd, { lazyEntries: true, autoClose: false, decodeStrings: false }));
  if (zip.entryCount > limits.members) {
    throw new Refusal(`it has ${zip.entryCount} members, and more than ${limits.members} are not taken`);
  }
  const entries = zip.eachEntry();
  for (let next = await understood(entries.next()); next.done !== true; next = await understood(entries.next())) {
    signal.throwIfAborted();
    await readEntry(zip, next.value, visit);
  }
}

async function readEntry(zip: ZipFile, entry: Entry, visit: Visit): Promise<void> {
  const name = nameOf(entry);
  if (entry.isEncrypted()) throw new Refusal(`${shown(name)} is encrypted`);
  if (![STORED, DEFLATED].includes(entry.compressionMethod)) {
    throw new Refusal(`${shown(name)} is compressed by a method that is not taken (${entry.compressionMethod})`);
  }
  const member = memberOf(entry, name);
  if (member.kind !== 'symlink') {
    const sink = visit(member);
    if (member.kind === 'file') await copy(zip, entry, name, sink);
    else if (entry.uncompressedSize > 0) throw new Refusal(`${shown(name)} is a directory with content`);
    return;
  }
  if (entry.uncompressedSize > LONGEST_TARGET)
    throw new Refusal(`${shown(name)} is a symbolic link to what is no path`);
  const chunks: Uint8Array[] = [];
  await copy(zip, entry, name, { write: (chunk) => chunks.push(chunk), end: () => undefined });
  visit({ ...member, target: Buffer.concat(chunks).toString('utf8') });
}

function memberOf(entry: Entry, name: string): Member {
  const attributes = WITH_MODE.includes(entry.versionMadeBy >>> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const type = attributes & constants.S_IFMT;
  return {
    name,
    kind: name.endsWith('/') && type === 0 ? 'directory' : (KINDS.get(type) ?? 'other'),
    other: OTHERS.get(type) ?? 'of an unknown kind',
    mode: attributes === 0 ? undefined : attributes & 0o7777,
    size: entry.uncompressedSize,
    mtime: entry.getLastModDate(),
  };
}

/**
 * Names are taken as UTF-8, flagged or not: that is what every tool on Linux writes. Programs of Windows that separate folders by
 * backslashes mean folders; on Unix a backslash is a character as any other.
 */
function nameOf(entry: Entry): string {
  const name = entry.fileNameRaw.toString('utf8');
  if (WITH_MODE.includes(entry.versionMadeBy >>> 8)) return name;
  const path = name.replaceAll('\\', '/');
  if (/^[A-Za-z]:/.test(path)) throw new Refusal(`${shown(name)} is an absolute path`);
  return path;
}

async function copy(zip: ZipFile, entry: Entry, name: string, sink: Sink | undefined): Promise<void> {
  let sum = 0;
  const content = await understood(zip.openReadStreamPromise(entry), name);
  try {
    for await (const chunk of content) {
      sum = crc32(chunk, sum);
      sink?.write(chunk);
    }
  } catch (error) {
    // Of a file system's errors, which come from the sink, the caller makes more than of the archive's.
    throw error instanceof Error && 'syscall' in error ? error : damage(error, name);
  }
  if (sum !== entry.crc32) throw new Refusal(`${shown(name)} is damaged: its checksum is wrong`);
  sink?.end();
}

/** Errors of the parser are about the archive. */
async function understood<T>(promise: Promise<T>, name?: string): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    throw damage(error, name);
  }
}

function damage(error: unknown, name?: string): unknown {
  if (error instanceof Refusal) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new Refusal(`${name === undefined ? 'it' : shown(name)} is damaged: ${words}`, { cause: error });
}
