/** The files of a state in a folder, and a folder's files as a state has them. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { FileContent, State } from './state.ts';

type Files = Pick<State, 'files' | 'modes' | 'links'>;

const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** Writes files, folders, links and their modes below `root`. Absolute links point into it, as the charm's own do. */
export function writeFiles(root: string, { files, modes, links }: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const real = join(root, path);
    mkdirSync(path.endsWith('/') ? real : dirname(real), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(real, content);
  }
  for (const [path, target] of Object.entries(links)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(target.startsWith('/') ? root + target : target, join(root, path));
  }
  for (const [path, mode] of Object.entries(modes)) chmodSync(join(root, path), mode);
}

/** Contents that were read before, by path, each with what told its file from another one then. */
export type KnownContents = Map<string, { readonly mark: string; readonly content: FileContent }>;

/** Reads what is below `root`. Text is a string, anything else bytes. @param known saves reading a file again */
export function readFiles(root: string, known: KnownContents = new Map()): Files {
  const found = {
    files: {} as Record<string, FileContent>,
    modes: {} as Record<string, number>,
    links: {} as Record<string, string>,
    known,
  };
  collect(root, '', found);
  const { files, modes, links } = found;
  return { files, modes, links };
}

interface Found {
  readonly known: KnownContents;
  readonly files: Record<string, FileContent>;
  readonly modes: Record<string, number>;
  readonly links: Record<string, string>;
}

function collect(root: string, folder: string, found: Found): void {
  for (const name of readdirSync(root + folder).sort()) {
    const path = `${folder}/${name}`;
    const stat = lstatSync(root + path);
    const mode = stat.mode & 0o7777;
    if (stat.isSymbolicLink()) found.links[path] = withoutRoot(root, readlinkSync(root + path));
    else if (stat.isDirectory()) {
      if (mode !== FOLDER_MODE) found.modes[path] = mode;
      const before = Object.keys(found.files).length + Object.keys(found.links).length;
      collect(root, path, found);
      const after = Object.keys(found.files).length + Object.keys(found.links).length;
      if (before === after) found.files[`${path}/`] = '';
    } else if (stat.isFile()) {
      found.files[path] = readOnce(root + path, stat, found.known);
      if (mode !== FILE_MODE) found.modes[path] = mode;
    }
  }
}

/** Milliseconds that a file system's clock may stand still: two writes in that time can look alike. */
const TICK = 50;

function readOnce(path: string, { ino, size, mtimeMs, ctimeMs }: Stats, known: KnownContents): FileContent {
  const mark = `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  const before = known.get(path);
  if (before?.mark === mark) return before.content;
  const content = contentOf(readFileSync(path));
  if (Date.now() - Math.max(mtimeMs, ctimeMs) > TICK) known.set(path, { mark, content });
  return content;
}

/** The root is another in every run: what points into it is kept as the machine has it. */
function withoutRoot(root: string, target: string): string {
  return target.startsWith(`${root}/`) ? target.slice(root.length) : target;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function contentOf(bytes: Buffer): FileContent {
  try {
    return utf8.decode(bytes);
  } catch {
    return new Uint8Array(bytes);
  }
}
