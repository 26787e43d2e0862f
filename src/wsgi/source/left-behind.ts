/** What an application wrote in the folder of its build, which the next build lacks. */
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { optional } from '../../system/absent.ts';
import type { Machine } from '../../system/machine.ts';
import { digest } from '../../system/text-digest.ts';
import { walkTree } from '../../system/tree-walk.ts';

const INDEX = 'wsgi.build.index';
const LEFT = 'wsgi.build.left';
const Index = z.object({
  folder: z.string(),
  /** Of each file's path and size, {@link SHORT} characters. */
  files: z.string(),
});
const Left = z.object({ folder: z.string(), by: z.string(), paths: z.array(z.string()) });

const SHORT = 8;
/** Of larger builds nothing is remembered: it would be read and written in every hook. */
const MOST_FILES = 20_000;
/** Paths that a line names. */
const MOST_NAMED = 3;
/** What programs keep for themselves, and make again. */
const CACHE = /(?:^|\/)(?:\.cache|\.pytest_cache|\.mypy_cache|\.webassets-cache)(?:\/|$)|\.py[co]$/;

/** A build begins to serve, or was provisioned anew: what is written from here on is the application's. */
export async function beginToWatch(machine: Machine, data: Data, folder: string): Promise<void> {
  const index = z.safeParse(Index, data.get(INDEX));
  if (index.success && index.data.folder === folder) return;
  const files = (await optional(filesIn(machine, folder))) ?? new Map<string, string>();
  if (files.size > MOST_FILES) data.unset(INDEX);
  else data.set(INDEX, { folder, files: [...files.values()].join('') });
}

/** What provision_command and make write is no data. */
export function watchAnew(data: Data): void {
  data.unset(INDEX);
}

/**
 * Looks into the build that served before, when another takes its place, and remembers what was written there.
 *
 * @returns paths that belong into data_paths
 */
export async function lookBehind(
  machine: Machine,
  data: Data,
  before: { readonly label: string; readonly folder: string },
  folder: string,
): Promise<readonly string[]> {
  data.unset(LEFT);
  const index = z.safeParse(Index, data.get(INDEX));
  if (!index.success || index.data.folder !== before.folder) return [];
  const known = new Set(index.data.files.match(new RegExp(`.{${SHORT}}`, 'g')));
  const files = (await optional(filesIn(machine, before.folder))) ?? new Map<string, string>();
  const paths = together([...files].filter(([, mark]) => !known.has(mark)).map(([path]) => path));
  if (paths.length > 0) data.set(LEFT, { folder, by: before.label, paths });
  return paths;
}

/** What the build that serves lacks of the one before; undefined where all of it is in data paths by now. */
export function leftBehind(data: Data, folder: string, dataPaths: readonly string[]): string | undefined {
  const left = z.safeParse(Left, data.get(LEFT));
  if (!left.success || left.data.folder !== folder) return undefined;
  const kept = (path: string) => dataPaths.some((each) => path === each || path.startsWith(`${each}/`));
  const paths = left.data.paths.filter((path) => !kept(path));
  return paths.length === 0 ? undefined : sentence(left.data.by, paths);
}

export function sentence(label: string, paths: readonly string[]): string {
  const more = paths.length > MOST_NAMED ? ` and ${paths.length - MOST_NAMED} more` : '';
  const named = paths.slice(0, MOST_NAMED).join(', ') + more;
  return `${label} wrote ${named}: add ${paths.length > 1 ? 'them' : 'it'} to data_paths`;
}

/** Files by themselves, and folders where several files of one were written. */
function together(files: readonly string[]): string[] {
  const parents = files.map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const grouped = files.map((path, index) => {
    const parent = parents[index] ?? '';
    return parent !== '' && parents.filter((other) => other === parent).length > 1 ? parent : path;
  });
  return [...new Set(grouped)];
}

/** Paths of the files in a build, and a mark of path and size. */
async function filesIn(machine: Machine, folder: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  walkTree(machine, folder, {}, (name, _kind, _path, stat) => {
    const path = Buffer.from(name, 'latin1').toString();
    if (!stat.isFile() || CACHE.test(path)) return;
    files.set(path, digest(`${path}\0${stat.size}`).slice(0, SHORT));
  });
  return files;
}
