/** The documentation as a site, made by VitePress: search, dark mode, a sidebar. `docs/.vitepress` says what it looks like. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vitepress';
import { pages } from './pages.ts';

/**
 * Makes the pages of docs/ anew in a folder, for any web server to serve. Asks no network.
 *
 * @throws Error for a link that leads nowhere
 * @returns how many
 */
export async function makeHtml(docs: string, output: string): Promise<number> {
  await mkdir(output, { recursive: true });
  await build(docs, { outDir: output });
  await cp(join(docs, 'explanation/flags.mmd'), join(output, 'explanation/flags.mmd'));
  return pages(docs).length;
}
