/** The folder that one run of a test lives in: the machine's root, the charm's folder, the resources. */
import { accessSync, constants, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { FileStore } from '../../src/reactive/index.ts';
import type { Charm } from './charm.ts';
import { type KnownContents, readFiles, writeFiles } from './files.ts';
import type { FileContent, State } from './state.ts';
import type { TestMachine } from './test-machine.ts';

export interface WorldFolder {
  readonly path: string;
  readonly root: string;
  readonly charmDir: string;
  resource(name: string): string | Error;
  /** What is there now, as a state has it, without what `isOwnFile` says is the machine's own. */
  read(
    isOwnFile: TestMachine['isOwnFile'],
  ): Pick<State, 'files' | 'modes' | 'links' | 'flags' | 'data' | 'interrupted' | 'charmFiles'>;
  remove(): void;
  /**
   * Leaves the folder to the next run, where that begins with what this one ended with: unchanged files are then the very
   * files that the charm remembers, as on a real machine, and need not be written again.
   */
  keep(left: State): void;
}

/** What the last run left; one folder, so that many worlds do not fill the memory that it is in. */
let kept: { readonly charm: Charm; readonly left: State; readonly folder: WorldFolder } | undefined;
process.once('exit', () => kept?.folder.remove());

/** Lays a state's files out on disk, or finds them there. */
export function createWorldFolder(charm: Charm, state: State, parent: string = fastFolder()): WorldFolder {
  const path = join(parent, state.folder);
  const last = kept;
  if (last?.folder.path === path) {
    kept = undefined;
    if (last.charm === charm && isDeepStrictEqual(onDisk(last.left), onDisk(state))) return last.folder;
  }
  const remove = () => rmSync(path, { recursive: true, force: true });
  // A run that was ended from outside may have left it.
  remove();
  try {
    const folder: WorldFolder = {
      ...layOut(charm, state, path),
      remove,
      keep: (left) => {
        kept?.folder.remove();
        kept = { charm, left, folder };
      },
    };
    return folder;
  } catch (error) {
    remove();
    throw error;
  }
}

/** The part of a state that is files. */
function onDisk({ files, modes, links, charmFiles, resources, flags, data, interrupted }: State) {
  return { files, modes, links, charmFiles, resources, flags, data, interrupted };
}

function layOut(charm: Charm, state: State, folder: string): Omit<WorldFolder, 'remove' | 'keep'> {
  mkdirSync(folder, { mode: 0o700 });
  const root = join(folder, 'root');
  const charmDir = join(folder, 'charm');
  mkdirSync(root);
  writeFiles(root, withoutRootIn(state, root));
  layOutCharm(charm, state, charmDir);
  const resources = layOutResources(charm, state, join(folder, 'resources'));
  writeStore(join(charmDir, charm.store), state);
  const known: KnownContents = new Map();
  return {
    path: folder,
    root,
    charmDir,
    resource: (name) => resources.get(name) ?? new Error(`resource ${JSON.stringify(name)} not found`),
    read: (isOwnFile) => {
      const kept = withoutOwn(
        readFiles(root, known),
        (path, content) => !(path in state.files) && isOwnFile(path, content),
      );
      return { ...rootedAtNothing(kept, root), ...readCharm(charm, charmDir, known) };
    },
  };
}

/** Memory, where there is such a folder: what is written here is synced to disk many times. */
function fastFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}

/** Stands, in the texts of a state, for the folder that the machine's files are really in. */
const ROOT = '{root}';

function withoutRootIn(state: State, root: string): Pick<State, 'files' | 'modes' | 'links'> {
  return { ...state, files: mapText(state.files, (text) => text.replaceAll(ROOT, root)) };
}

function rootedAtNothing(found: ReturnType<typeof readFiles>, root: string): ReturnType<typeof readFiles> {
  return { ...found, files: mapText(found.files, (text) => text.replaceAll(root, ROOT)) };
}

/** Leaves out files, and the modes of folders in which nothing else is. */
function withoutOwn(
  { files, modes, links }: ReturnType<typeof readFiles>,
  isOwn: TestMachine['isOwnFile'],
): ReturnType<typeof readFiles> {
  const kept = Object.entries(files).filter(([path, content]) => !isOwn(path, content));
  const paths = [...kept.map(([path]) => path), ...Object.keys(links)];
  const isThere = (path: string) => paths.some((other) => other === path || other.startsWith(`${path}/`));
  return {
    files: Object.fromEntries(kept),
    modes: Object.fromEntries(Object.entries(modes).filter(([path]) => isThere(path))),
    links,
  };
}

function mapText(
  files: Readonly<Record<string, FileContent>>,
  change: (text: string) => string,
): Record<string, FileContent> {
  return Object.fromEntries(
    Object.entries(files).map(([path, content]) => [path, typeof content === 'string' ? change(content) : content]),
  );
}

/** The charm's files are links to the real ones; what an earlier hook wrote is there as files. */
function layOutCharm(charm: Charm, state: State, charmDir: string): void {
  mkdirSync(charmDir);
  const written = Object.entries(state.charmFiles);
  for (const [path, content] of written) {
    mkdirSync(dirname(join(charmDir, path)), { recursive: true });
    writeFileSync(join(charmDir, path), content);
  }
  for (const name of existsSync(charm.dir) ? readdirSync(charm.dir) : []) {
    const link = join(charmDir, name);
    if (!existsSync(link) && !isStore(charm, name)) symlinkSync(join(charm.dir, name), link);
  }
}

function layOutResources(charm: Charm, state: State, folder: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const [name, content] of Object.entries(state.resources)) {
    const path = join(folder, name, charm.meta.metadata.resources?.[name]?.filename ?? name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    paths.set(name, path);
  }
  return paths;
}

function writeStore(path: string, state: State): void {
  const { flags, data, interrupted } = state;
  if (Object.keys(flags).length + Object.keys(data).length > 0) {
    const store = new FileStore(path);
    for (const [flag, value] of Object.entries(flags)) store.flags.set(flag, value);
    for (const [key, value] of Object.entries(data)) store.data.set(key, value);
    store.commit();
  }
  // Whoever opens a store and does not commit it leaves the mark of a hook that did not end.
  if (interrupted) new FileStore(path);
}

function readCharm(
  charm: Charm,
  charmDir: string,
  known: KnownContents,
): Pick<State, 'flags' | 'data' | 'interrupted' | 'charmFiles'> {
  const store = new FileStore(join(charmDir, charm.store));
  // To look is not a hook: the mark that opening leaves goes again, unless a hook left it.
  if (!store.interrupted) store.commit();
  const files = Object.entries(readFiles(charmDir, known).files).map(
    ([path, content]) => [path.slice(1), content] as const,
  );
  return {
    flags: Object.fromEntries(store.flags),
    data: Object.fromEntries(store.data),
    interrupted: store.interrupted,
    charmFiles: Object.fromEntries(files.filter(([path]) => !isStore(charm, path) && !path.endsWith('/'))),
  };
}

/** The store, and the mark and temporary files beside it. */
function isStore(charm: Charm, path: string): boolean {
  return path === charm.store || path.startsWith(`${charm.store}.`);
}
