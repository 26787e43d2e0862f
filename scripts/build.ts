/** `npm run build`: the charm directory dist/charm, which Juju could deploy as it is. */
import { arch } from 'node:os';
import { join } from 'node:path';
import { charmTree } from '../src/build/charm.ts';
import { ownCharm } from '../src/build/own-charm.ts';
import { writeTree } from '../src/build/tree.ts';
import { root } from './checks.ts';

const started = performance.now();
const architecture = arch() === 'arm64' ? 'arm64' : 'amd64';
const tree = await charmTree(await ownCharm(root), { architecture, runtime: 'bundled', project: root });
await writeTree(tree, join(root, 'dist/charm'));
console.log(`dist/charm: ${tree.size} files in ${((performance.now() - started) / 1000).toFixed(1)} s`);
