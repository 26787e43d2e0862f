/** `npm run pack [-- --arch arm64] [-- --runtime system]`: dist/wsgi_ARCHITECTURE.charm, which Juju deploys. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { charmTree } from '../src/build/charm.ts';
import { ownCharm } from '../src/build/own-charm.ts';
import { ARCHITECTURES } from '../src/build/runtime.ts';
import { size } from '../src/build/size.ts';
import { zip } from '../src/build/zip.ts';
import { root } from './checks.ts';

const { values } = parseArgs({
  options: { arch: { type: 'string', default: 'amd64' }, runtime: { type: 'string', default: 'bundled' } },
});
const architecture = z.enum(ARCHITECTURES).parse(values.arch);
const runtime = z.enum(['bundled', 'system']).parse(values.runtime);

const parts = await ownCharm(root);
const bytes = await zip(await charmTree(parts, { architecture, runtime, project: root }));
const name = `${parts.metadata.name}_${architecture}.charm`;
await mkdir(join(root, 'dist'), { recursive: true });
await writeFile(join(root, 'dist', name), bytes);
console.log(`dist/${name}: ${size(bytes.length)}`);
