/** Whether a virtual environment was finished, and is still whole: a marker alone does not know what became of it since. */
import * as z from 'zod/mini';
import { optional } from './absent.ts';
import { readFile, removeFile, removeTree, writeFile } from './files.ts';
import type { Machine } from './machine.ts';
import { move } from './replace-content.ts';
import { walkTree } from './tree-walk.ts';

const Marker = z.object({
  /** Version of gunicorn in it; absent where it is the machine's own. */
  gunicorn: z.optional(z.string()),
  /** How many files it had that are not empty; earlier revisions did not count them. */
  files: z.optional(z.number()),
});
export type Marker = z.output<typeof Marker>;

/** Of the environment at this path, which the marker is beside; undefined where it was not finished. */
export async function readMarker(machine: Machine, path: string): Promise<Marker | undefined> {
  const text = await readFile(machine, markerPath(path));
  try {
    return text === undefined ? undefined : Marker.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** As a machine path. */
export function markerPath(path: string): string {
  return `${path}.json`;
}

const aside = (path: string) => `${path}.aside`;

/** To be called before one is made at this path: what runs may still use a damaged one, which comes back where no other can be made. */
export async function putAside(machine: Machine, path: string): Promise<void> {
  await removeFile(machine, markerPath(path));
  await removeTree(machine, aside(path));
  await optional(move(machine, path, aside(path)));
}

/** To be called where none could be made. */
export async function putBack(machine: Machine, path: string, marker: Marker | undefined): Promise<void> {
  await removeTree(machine, path);
  await optional(move(machine, aside(path), path));
  if (marker !== undefined) await write(machine, path, marker);
}

/** To be called last. The marker is beside the environment, where the code that pip runs cannot write. */
export async function finish(machine: Machine, path: string, gunicorn: string | undefined): Promise<void> {
  await write(machine, path, { gunicorn, files: await filledFiles(machine, path) });
  await removeTree(machine, aside(path));
}

async function write(machine: Machine, path: string, marker: Marker): Promise<void> {
  await writeFile(machine, markerPath(path), JSON.stringify(marker), { mode: 0o644 });
}

/** What keeps an environment that was finished from being used, as the end of a sentence; undefined where it is whole. */
export async function damageOf(machine: Machine, path: string, { files }: Marker): Promise<string | undefined> {
  const now = await filledFiles(machine, path);
  if (now === 0) return 'it is gone';
  if (files !== undefined && now < files) return `${files - now} of its ${files} files are gone or empty`;
  // Without site-packages: root runs no code of the application's.
  const { code, timedOut } = await machine.run(machine.path(`${path}/bin/python`), ['-I', '-S', '-c', ''], {
    timeout: 30,
  });
  // One that a signal ended says nothing about its files.
  return code === 0 || timedOut || code > 128 ? undefined : 'its python does not start';
}

/** Files that are not empty, and links. What Python compiled for itself does not count. */
async function filledFiles(machine: Machine, path: string): Promise<number> {
  let count = 0;
  const walk = async () =>
    walkTree(machine, path, {}, (_name, _kind, _path, stat) => {
      if (stat.isSymbolicLink() || (stat.isFile() && stat.size > 0n)) count += 1;
    });
  await optional(walk());
  return count;
}
