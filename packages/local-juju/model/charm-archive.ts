/** Charms into the model: a folder or a .charm file (zip), unpacked once a revision with modes and symbolic links. */

import { chmodSync, cpSync, createWriteStream, mkdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { LocalError } from './local-error.ts';

const NOT_COPIED = new Set(['.git', '.bzr', '.svn', '.hg']);

/** @throws LocalError when there is nothing, or what is there is no charm */
export async function unpackCharm(source: string, target: string): Promise<void> {
  const stat = statSync(source, { throwIfNoEntry: false });
  if (stat === undefined) throw new LocalError(`charm or bundle not found: ${source}`);
  rmSync(target, { recursive: true, force: true });
  if (stat.isDirectory()) {
    cpSync(source, target, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => path === source || !NOT_COPIED.has(basename(path)),
    });
  } else await unzip(source, target);
}

async function unzip(source: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const zip = await openZip(source);
  try {
    for (;;) {
      const entry = await nextEntry(zip);
      if (entry === undefined) return;
      await extract(zip, entry, target);
    }
  } finally {
    zip.close();
  }
}

function openZip(source: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => {
    yauzl.open(source, { lazyEntries: true, autoClose: false }, (error, zip) => {
      if (error) reject(new LocalError(`cannot read charm ${source}: ${error.message}`));
      else resolve(zip);
    });
  });
}

function nextEntry(zip: yauzl.ZipFile): Promise<yauzl.Entry | undefined> {
  return new Promise((resolve, reject) => {
    const done = (result: () => void) => {
      zip.removeAllListeners();
      result();
    };
    zip.once('entry', (entry: yauzl.Entry) => done(() => resolve(entry)));
    zip.once('end', () => done(() => resolve(undefined)));
    zip.once('error', (error: Error) => done(() => reject(new LocalError(`cannot read charm: ${error.message}`))));
    zip.readEntry();
  });
}

const TYPE = 0o170000;
const LINK = 0o120000;

async function extract(zip: yauzl.ZipFile, entry: yauzl.Entry, target: string): Promise<void> {
  const path = join(target, entry.fileName);
  const mode = entry.externalFileAttributes >>> 16;
  if (entry.fileName.endsWith('/')) {
    mkdirSync(path, { recursive: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true });
  const stream = await openEntry(zip, entry);
  if ((mode & TYPE) === LINK) {
    const to = await text(stream);
    const leaves = normalize(join(dirname(entry.fileName), to)).startsWith('..');
    if (isAbsolute(to) || leaves) throw new LocalError(`symlink "${entry.fileName}" links out of charm: "${to}"`);
    symlinkSync(to, path);
    return;
  }
  await pipeline(stream, createWriteStream(path));
  chmodSync(path, mode & 0o777 || 0o644);
}

function openEntry(zip: yauzl.ZipFile, entry: yauzl.Entry): Promise<NodeJS.ReadableStream> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) reject(error);
      else resolve(stream);
    });
  });
}
