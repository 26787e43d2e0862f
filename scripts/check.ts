/** `npm run check [-- --write]`: types, format and lint, shell scripts. With --write, mends what can be mended. */
import { join } from 'node:path';
import { LAUNCHER, launcherPaths } from '../packages/charm-build/launchers.ts';
import { Actions, Metadata } from '../packages/charm-build/metadata.ts';
import { type Tree, text, writeTree } from '../packages/charm-build/tree.ts';
import { readYaml } from '../packages/charm-build/yaml.ts';
import { check, root } from './lib/checks.ts';

const write = process.argv.includes('--write');
if (write) await writeLaunchers();
process.exit(check({ write }).failed.length > 0 ? 1 : 0);

/** hooks/ and actions/ follow metadata.yaml and actions.yaml. */
async function writeLaunchers(): Promise<void> {
  const metadata = await readYaml(join(root, 'metadata.yaml'), Metadata);
  const actions = await readYaml(join(root, 'actions.yaml'), Actions);
  const paths = launcherPaths(metadata, actions);
  for (const folder of ['hooks', 'actions']) {
    const tree: Tree = new Map();
    for (const path of paths) {
      if (path.startsWith(`${folder}/`)) tree.set(path.slice(folder.length + 1), text(LAUNCHER, { executable: true }));
    }
    await writeTree(tree, join(root, folder));
  }
}
