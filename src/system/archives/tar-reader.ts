import { Parser, type ReadEntry } from 'tar';
import type { Member, Visit } from './member.ts';
import { bytes, Refusal, shown } from './refusal.ts';

/** tar's unit: headers are one block, contents are filled up to whole ones. */
const BLOCK = 512;
/** Blocks that the parser is given at once: few enough to see the end in time. */
const AT_ONCE = 128 * BLOCK;
const ZEROS = Buffer.alloc(AT_ONCE);

const KINDS: Readonly<Record<string, Member['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'directory',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};
const OTHERS: Readonly<Record<string, string>> = {
  CharacterDevice: 'a device',
  BlockDevice: 'a device',
  FIFO: 'a named pipe',
  SparseFile: 'a sparse file, which only GNU tar knows',
};

/**
 * Reads a tar archive and hands each member to `visit`, in order.
 *
 * @param most - bytes that the archive may have, headers and all
 * @throws Refusal for anything that a strict parser does not take, and what `visit` throws
 */
export async function readTar(archive: AsyncIterable<Buffer>, most: number, visit: Visit): Promise<void> {
  let failure: unknown;
  let ended = false;
  /** What the extended headers before a member say of it. */
  let isSparse = false;
  const parser = new Parser({
    strict: true,
    gzip: false,
    brotli: false,
    zstd: false,
    onReadEntry: (entry) => take(entry),
  });
  // The events of the parser come while it is written to; what goes wrong is thrown from there.
  parser.on('error', (error: unknown) => fail(damage(error)));
  parser.on('ignoredEntry', (entry: ReadEntry) => fail(new Refusal(`${shown(entry.path)} is ${describe(entry)}`)));
  // PAX headers of GNU tar 1.14 and newer, formats 0.0, 0.1 and 1.0; the parser itself does not know them.
  parser.on('meta', (header: string) => {
    isSparse ||= /^\d+ GNU\.sparse\./m.test(header);
  });
  parser.on('eof', () => {
    ended = true;
  });

  function fail(error: unknown): void {
    failure ??= error;
  }

  function take(entry: ReadEntry): void {
    try {
      if (failure !== undefined) return;
      const sink = visit(memberOf(entry, isSparse));
      isSparse = false;
      entry.on('data', (chunk) => void (failure === undefined && sink?.write(chunk)));
      entry.on('end', () => void (failure === undefined && sink?.end()));
    } catch (error) {
      fail(error);
    } finally {
      entry.resume();
    }
  }

  function write(blocks: Buffer): void {
    if (!ended) parser.write(blocks);
    else if (!isZero(blocks)) fail(new Refusal('something follows after its end'));
    if (failure !== undefined) throw failure;
  }

  let total = 0;
  let rest = Buffer.alloc(0);
  for await (const chunk of archive) {
    total += chunk.length;
    if (total > most) throw new Refusal(`it is larger than ${bytes(most)} with its headers`);
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = data.length - (data.length % BLOCK);
    // Whole blocks: the parser decodes names piece by piece, and a piece must not end within a character.
    for (let at = 0; at < whole; at += AT_ONCE) write(data.subarray(at, Math.min(whole, at + AT_ONCE)));
    rest = Buffer.from(data.subarray(whole));
  }
  if (!ended || rest.length > 0) throw new Refusal('it is truncated');
  parser.end();
  if (failure !== undefined) throw failure;
}

function memberOf(entry: ReadEntry, isSparse: boolean): Member {
  const kind = KINDS[entry.type] ?? 'other';
  return {
    name: entry.path,
    kind: isSparse ? 'other' : kind,
    other: isSparse ? (OTHERS.SparseFile ?? '') : describe(entry),
    mode: Number.isInteger(entry.mode) ? entry.mode : undefined,
    size: entry.size,
    target: entry.linkpath,
    mtime: entry.mtime,
  };
}

function describe(entry: ReadEntry): string {
  return OTHERS[entry.type] ?? `of an unknown kind (${entry.type})`;
}

function isZero(blocks: Buffer): boolean {
  return blocks.equals(ZEROS.subarray(0, blocks.length));
}

/** The parser's own sentence without its code: `checksum failure`. */
function damage(error: unknown): Refusal {
  const words = error instanceof Error ? error.message.replace(/^[A-Z_]+: /, '') : String(error);
  return new Refusal(`it is damaged: ${words}`, { cause: error });
}
