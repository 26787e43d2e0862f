import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { charmTree, PROJECT, readCharm, writeTree } from '../charm-build/index.ts';
import { type Charm, readCharmMeta } from './charm.ts';

/**
 * Composes the charm in a folder, as `wsgi-charm build` does, for its tests: the same YAML, the same bundled code.
 * Takes some hundred milliseconds, so once a test file is enough.
 *
 * @param options.layers where included layers are, besides the charm's own layers/
 * @throws CharmError with a line for each mistake of the author
 *
 * @example
 * ```ts
 * const charm = await loadCharm('.');
 * const after = await run(charm, 'config-changed', state({ config: { motd: 'Hej' } }));
 * ```
 */
export async function loadCharm(folder: string, options: { readonly layers?: readonly string[] } = {}): Promise<Charm> {
  const parts = await readCharm(resolve(folder), options.layers);
  const tree = await charmTree(parts, { architecture: 'amd64', runtime: 'bundled', project: PROJECT, entry: 'hook' });
  // The test's own Node runs the code.
  for (const path of tree.keys()) if (path.startsWith('runtime/')) tree.delete(path);
  const dir = mkdtempSync(join(tmpdir(), `${parts.metadata.name}-`));
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  await writeTree(tree, dir);
  // The bundle was made a line above, from code that the compiler has seen: it exports the hook of this very type.
  const { hook }: Pick<Charm, 'hook'> = createRequire(import.meta.url)(join(dir, 'lib/entry.cjs'));
  return { meta: readCharmMeta(dir), dir, store: '.reactive.json', hook };
}
