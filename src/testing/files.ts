/** The files of a state in a folder, and a folder's files as a state has them. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
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

/** Reads what is below `root`. Text is a string, anything else bytes. */
export function readFiles(root: string): Files {
  const found = {
    files: {} as Record<string, FileContent>,
    modes: {} as Record<string, number>,
    links: {} as Record<string, string>,
  };
  collect(root, '', found);
  return found;
}

interface Found {
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
      found.files[path] = contentOf(readFileSync(root + path));
      if (mode !== FILE_MODE) found.modes[path] = mode;
    }
  }
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
