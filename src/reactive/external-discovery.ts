import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, extname, join } from 'node:path';

const places = ['reactive', 'hooks/reactive', 'hooks/relations'];

/** Paths of the external handlers of a charm: executables with no suffix or `.sh` that are a script or a binary. */
export function findExternal(charmDir: string): string[] {
  return places.flatMap((place) => walk(`${charmDir}/${place}`)).filter(isHandler);
}

/** Whether the kernel can run a file: a script with `#!`, or an ELF binary. */
export function canRun(path: string): boolean {
  const head = readHead(path);
  return head.subarray(0, 2).toString('latin1') === '#!' || head.subarray(0, 4).toString('latin1') === '\x7fELF';
}

/** All files below, those of a directory before those of its subdirectories. */
function walk(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const entries = list(directory);
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => join(directory, entry.name));
  const below = entries.filter((entry) => entry.isDirectory()).flatMap((entry) => walk(join(directory, entry.name)));
  return [...(basename(directory) === '__pycache__' ? [] : files), ...below];
}

function list(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return [];
  }
}

function isHandler(path: string): boolean {
  if (!['', '.sh'].includes(extname(path)) || !isExecutable(path)) return false;
  return canRun(path) || !isText(readHead(path));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK | constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isText(bytes: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

function readHead(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(1024);
    return buffer.subarray(0, readSync(file, buffer));
  } finally {
    closeSync(file);
  }
}
