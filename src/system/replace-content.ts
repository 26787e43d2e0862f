import { renameSync } from 'node:fs';
import { listDirectory, removeTree } from './files.ts';
import type { Machine } from './machine.ts';
import { inParent } from './safe-path.ts';

export interface ReplaceOptions {
  /** Paths below the folder that stay as they are, such as the folders that an application writes. */
  readonly keep?: readonly string[];
}

/**
 * Gives a folder new content, name by name: each is renamed out and in, so that no name is missing for longer than that,
 * and nothing is ever half-written. The folder itself stays, as it may be a file system of its own.
 *
 * @param fresh folder within the folder that holds the new content; it is gone afterwards
 * @throws MachineError when something cannot be moved; called again with the whole new content it ends the work
 */
export async function replaceContent(
  machine: Machine,
  folder: string,
  fresh: string,
  { keep = [] }: ReplaceOptions = {},
): Promise<void> {
  const gone = `${folder}/${fresh}.old`;
  await removeTree(machine, gone);
  await replace(machine, { folder, fresh: `${folder}/${fresh}`, gone }, keep, new Set([fresh, `${fresh}.old`]));
  await removeTree(machine, `${folder}/${fresh}`);
  await removeTree(machine, gone);
}

interface Places {
  readonly folder: string;
  readonly fresh: string;
  /** Where the old content goes. */
  readonly gone: string;
}

async function replace(
  machine: Machine,
  places: Places,
  keep: readonly string[],
  leave: ReadonlySet<string>,
): Promise<void> {
  const old = new Set((await listDirectory(machine, places.folder)).filter((name) => !leave.has(name)));
  const fresh = new Set(await listDirectory(machine, places.fresh));
  for (const name of [...old].filter((each) => !fresh.has(each)).concat(...fresh)) {
    if (old.has(name) && keep.includes(name)) continue;
    const within = keep.filter((path) => path.startsWith(`${name}/`)).map((path) => path.slice(name.length + 1));
    const [folder, incoming, outgoing] = [places.folder, places.fresh, places.gone].map((place) => `${place}/${name}`);
    if (folder === undefined || incoming === undefined || outgoing === undefined) continue;
    if (old.has(name) && within.length > 0) {
      await replace(machine, { folder, fresh: incoming, gone: outgoing }, within, new Set());
      continue;
    }
    if (old.has(name)) await move(machine, folder, outgoing);
    if (fresh.has(name)) await move(machine, incoming, folder);
  }
}

/** Renames within a file system, in folders that are held open; missing folders above the new name are made. */
export async function move(machine: Machine, from: string, to: string): Promise<void> {
  await inParent(machine, from, {}, (source, name) =>
    inParent(machine, to, { make: true }, (target, newName) => renameSync(source.at(name), target.at(newName))),
  );
}
