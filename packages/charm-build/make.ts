/** From a charm's sources to what Juju deploys. */
import { existsSync } from 'node:fs';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CharmOptions, type CharmParts, charmTree } from './charm.ts';
import { compose } from './compose/compose.ts';
import { CharmError } from './errors.ts';
import { layerTree } from './layer/layer-tree.ts';
import { Metadata } from './metadata.ts';
import { ownCharm } from './own-charm.ts';
import { PROJECT } from './package.ts';
import type { Architecture } from './runtime.ts';
import { readTree, writeTree } from './tree.ts';
import { readYaml } from './yaml.ts';
import { zip } from './zip.ts';

/** Reads the charm in a folder: one made of layers, or the one that this package is. */
export async function readCharm(folder: string, layers: readonly string[] = []): Promise<CharmParts> {
  if (!existsSync(join(folder, 'layer.yaml')))
    throw new CharmError(`${folder}: there is no charm with a layer.yaml here`);
  const own = (await realpath(folder)) === (await realpath(PROJECT));
  return own ? ownCharm(PROJECT) : compose(folder, { project: PROJECT, layers });
}

type Choices = Omit<CharmOptions, 'project'>;

/** Writes a charm directory. Returns how many files are in it. */
export async function makeDirectory(parts: CharmParts, folder: string, choices: Choices): Promise<number> {
  const tree = await charmTree(parts, { ...choices, project: PROJECT });
  await writeTree(tree, folder);
  return tree.size;
}

/** Writes the folder of layer:wsgi. Returns how many files are in it. */
export async function makeLayer(folder: string, choices: Choices): Promise<number> {
  const tree = await layerTree({ ...choices, project: PROJECT });
  await writeTree(tree, folder);
  return tree.size;
}

export interface Packed {
  readonly architecture: Architecture;
  readonly file: string;
  readonly bytes: number;
  /** What the parts take in the archive, in bytes: the runtime, the wheels, the code, everything else. */
  readonly parts: Readonly<Record<string, number>>;
}

/** Writes NAME_ARCHITECTURE.charm into a folder. */
export async function makeArchive(
  parts: CharmParts,
  folder: string,
  choices: Choices,
  onEntry?: (path: string) => void,
): Promise<Packed> {
  const { bytes, sizes } = await zip(await charmTree(parts, { ...choices, project: PROJECT }), onEntry);
  const { architecture } = choices;
  const file = join(folder, `${parts.metadata.name}_${architecture}.charm`);
  await mkdir(folder, { recursive: true });
  await writeFile(file, bytes);
  return { architecture, file, bytes: bytes.length, parts: byPart(sizes) };
}

/**
 * Writes NAME.charm of a charm that needs no building, such as one that is a `dispatch` and its YAML: what is in the folder.
 *
 * @returns undefined where the folder holds layers to compose, or nothing of a charm
 */
export async function makeArchiveAsIs(folder: string, output: string): Promise<string | undefined> {
  const made = ['layer.yaml', 'metadata.yaml'].map((name) => existsSync(join(folder, name)));
  if (made[0] || !made[1]) return undefined;
  const { name } = await readYaml(join(folder, 'metadata.yaml'), Metadata);
  const tree = await readTree(folder);
  // What was packed before, in the usual place.
  for (const path of tree.keys()) if (path.startsWith('dist/')) tree.delete(path);
  const { bytes } = await zip(tree);
  const file = join(output, `${name}.charm`);
  await mkdir(output, { recursive: true });
  await writeFile(file, bytes);
  return file;
}

function byPart(sizes: ReadonlyMap<string, number>): Record<string, number> {
  const names: Readonly<Record<string, string>> = { runtime: 'runtime', wheels: 'wheels', lib: 'code' };
  const sums: Record<string, number> = {};
  for (const [path, bytes] of sizes) {
    const name = names[path.split('/', 1)[0] ?? ''] ?? 'other';
    sums[name] = (sums[name] ?? 0) + bytes;
  }
  return sums;
}
