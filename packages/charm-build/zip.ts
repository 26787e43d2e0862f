/** Zip archives that depend on their content only: sorted names, one date, modes and links kept. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRaw } from 'node:zlib';
import { configure, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { cacheFolder } from './runtime.ts';
import { contentOf, type Node, type Tree } from './tree.ts';

/** 1980-01-01 00:00:00, the earliest that a zip file can hold, as MS-DOS writes it: without a time zone. */
const DATE = (1 << 21) | (1 << 16);
const DEFLATE = 8;
/** Compressing more than this takes long enough to keep the result. */
const LARGE = 16 * 1024 * 1024;
/** Unix file types, as in st_mode. */
const REGULAR = 0o100000;
const LINK = 0o120000;

const deflate = promisify(deflateRaw);

/** An archive, and what each of its entries takes in it, in bytes. */
export interface Zipped {
  readonly bytes: Uint8Array;
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Packs a tree; entries are sorted by name, and folders implied by them.
 *
 * @param onEntry called before each entry, with its path
 */
export async function zip(tree: Tree, onEntry: (path: string) => void = () => {}): Promise<Zipped> {
  configure({ useWebWorkers: false });
  const writer = new ZipWriter(new Uint8ArrayWriter(), { extendedTimestamp: false, rawLastModDate: DATE });
  const sizes = new Map<string, number>();
  for (const [path, node] of [...tree].sort(([a], [b]) => (a < b ? -1 : 1))) {
    onEntry(path);
    const content = await contentOf(node);
    const data = await compressed(content);
    sizes.set(path, data.length);
    await writer.add(path, new Uint8ArrayReader(data), {
      passThrough: true,
      compressionMethod: DEFLATE,
      uncompressedSize: content.length,
      crc32: crc32(content),
      unixMode: modeOf(node),
    });
  }
  return { bytes: await writer.close(), sizes };
}

function modeOf(node: Node): number {
  if (node.kind === 'link') return LINK | 0o777;
  return REGULAR | (node.executable ? 0o755 : 0o644);
}

/** The runtime takes 15 seconds to compress, and is the same in every charm: it is kept by its digest. */
async function compressed(content: Uint8Array): Promise<Uint8Array> {
  if (content.length < LARGE) return deflate(content, { level: 9 });
  const digest = createHash('sha256').update(content).digest('hex');
  const cached = join(cacheFolder(), `deflate-${digest}`);
  try {
    return await readFile(cached);
  } catch {
    const data = await deflate(content, { level: 9 });
    await keep(cached, data);
    return data;
  }
}

/** Best effort: a cache that cannot be written costs time, not the charm. */
async function keep(file: string, data: Uint8Array): Promise<void> {
  const scratch = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(scratch, data);
    await rename(scratch, file);
  } catch {
    // The next build compresses again.
  }
}
