import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { tarball } from './archive.ts';
import type { CharmParts } from './charm.ts';
import { charmMetadata } from './compose/charm-metadata.ts';
import { checkWords } from './compose/check.ts';
import { readWords } from './compose/layer.ts';
import { packageVersion } from './package.ts';
import { readTree, type Tree, text } from './tree.ts';
import { readYaml, toYaml } from './yaml.ts';

/** Files at the top of the repository that are part of the charm. */
const TOP = ['LICENSE', 'README.md', 'actions.yaml', 'config.yaml', 'icon.svg', 'layer.yaml', 'wsgi.yaml'];
const FOLDERS = ['templates', 'wheels'];

/** The charm that the repository itself is: the layer, with its example builds. */
export async function ownCharm(project: string): Promise<CharmParts> {
  const files: Tree = new Map();
  for (const name of TOP) files.set(name, { kind: 'copy', from: join(project, name), executable: false });
  for (const folder of FOLDERS)
    for (const [name, node] of await readTree(join(project, folder), folder)) files.set(name, node);
  for (const [name, node] of await exampleBuilds(join(project, 'files'), project)) files.set(name, node);
  const words = await readWords(project);
  const metadata = charmMetadata(words.metadata);
  files.set('metadata.yaml', text(toYaml(metadata)));
  return {
    ...checkWords({ ...words, metadata }),
    files,
    handlers: [],
    version: await packageVersion(project),
  };
}

/** files/{label}/ holds a build's source here, and the archive of it in the charm. */
async function exampleBuilds(folder: string, project: string): Promise<Tree> {
  const { options } = await readYaml(
    join(project, 'config.yaml'),
    z.object({ options: z.looseObject({ archive_filename: z.object({ default: z.string() }) }) }),
  );
  const builds: Tree = new Map();
  for (const label of (await readdir(folder)).sort()) {
    const data = await tarball(join(folder, label));
    builds.set(`files/${label}/${options.archive_filename.default}`, { kind: 'data', data, executable: false });
  }
  return builds;
}
