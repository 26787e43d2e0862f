/** A charm before it is written: what lies where, with which mode. */
import type { Stats } from 'node:fs';
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type Node =
  /** A file copied from elsewhere. A `shared` one is never written to, so it may be a hard link. */
  | { readonly kind: 'copy'; readonly from: string; readonly executable: boolean; readonly shared?: boolean }
  | { readonly kind: 'data'; readonly data: string | Uint8Array; readonly executable: boolean }
  | { readonly kind: 'link'; readonly target: string };

/** Relative paths with `/`, to what is there. Folders are implied. */
export type Tree = Map<string, Node>;

/** A file made of text, as most made ones are. */
export function text(data: string, options: { readonly executable?: boolean } = {}): Node {
  return { kind: 'data', data, executable: options.executable ?? false };
}

/** What a reader finds there; of a link, where it points. */
export async function contentOf(node: Node): Promise<Uint8Array> {
  if (node.kind === 'link') return Buffer.from(node.target);
  if (node.kind === 'copy') return readFile(node.from);
  return Buffer.from(node.data);
}

/** Names that never belong in a charm, wherever they lie. */
const IGNORED = new Set(['.git', '.gitignore', '.DS_Store', '__pycache__', 'node_modules', '.local']);

/** Reads a folder of this machine into a tree, below `prefix`. An absent folder is an empty tree. */
export async function readTree(folder: string, prefix = ''): Promise<Tree> {
  const tree: Tree = new Map();
  for (const entry of await entriesOf(folder)) {
    if (IGNORED.has(entry)) continue;
    const path = join(folder, entry);
    const name = prefix === '' ? entry : `${prefix}/${entry}`;
    const stats = await lstat(path);
    if (stats.isDirectory()) for (const [inner, node] of await readTree(path, name)) tree.set(inner, node);
    else tree.set(name, await nodeOf(path, stats));
  }
  return tree;
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

async function nodeOf(path: string, stats: Stats): Promise<Node> {
  if (stats.isSymbolicLink()) return { kind: 'link', target: await readlink(path) };
  if (stats.isFile()) return { kind: 'copy', from: path, executable: (stats.mode & 0o100) !== 0 };
  throw new Error(`${path} is neither a file, a folder nor a link; a charm holds nothing else`);
}

/** Writes a tree as the new content of a folder; what was there goes. */
export async function writeTree(tree: Tree, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const [name, node] of tree) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (node.kind === 'link') await symlink(node.target, path);
    else if (node.kind === 'data') await writeFile(path, node.data);
    else if (!(node.shared && (await linked(node.from, path)))) await copyFile(node.from, path);
    if (node.kind !== 'link') await chmod(path, node.executable ? 0o755 : 0o644);
  }
}

/** A hard link saves the space of a large file, where both names are on one file system. */
async function linked(from: string, path: string): Promise<boolean> {
  return link(from, path).then(
    () => true,
    () => false,
  );
}
