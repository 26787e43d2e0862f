/**
 * `npm run check [-- --write]`: types, format and lint, imports (also of Python), dead exports, shell scripts. With --write it
 * mends what can be mended and makes anew what is made from other files: launchers, charm.d.ts, the pages of docs/ that are made
 * from code.
 */
import { join } from 'node:path';
import { writeCharmTypes } from '../packages/charm-build/charm-types.ts';
import { LAUNCHER, launcherPaths } from '../packages/charm-build/launchers.ts';
import { readCharm } from '../packages/charm-build/make.ts';
import { Actions, Metadata } from '../packages/charm-build/metadata.ts';
import { type Tree, text, writeTree } from '../packages/charm-build/tree.ts';
import { readYaml } from '../packages/charm-build/yaml.ts';
import { renew } from './docs/generated.ts';
import { check, root } from './lib/checks.ts';

/** What wsgi-charm init copies, with its charm.d.ts. */
const SKELETON = join(root, 'packages/charm-build/skeleton');

const write = process.argv.includes('--write');
if (write) {
  await writeLaunchers();
  await writeCharmTypes(SKELETON, await readCharm(SKELETON), 'there');
  for (const path of await renew({ write })) console.log(`${path} written`);
}
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
