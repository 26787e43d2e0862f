/**
 * `npm run docs`: the pages of docs/reference that are made from code, and dist/docs, a site of all of docs/.
 * `--check` only says which pages are no longer what the code says.
 */
import { join } from 'node:path';
import { PROJECT } from '../packages/charm-build/package.ts';
import { renew } from './docs/generated.ts';
import { makeHtml } from './docs/html.ts';

const DOCS = join(PROJECT, 'docs');
const OUTPUT = 'dist/docs';
const check = process.argv.includes('--check');
const stale = await renew({ write: !check });
if (check) {
  for (const path of stale) console.error(`${path} is not what the code says: npm run docs`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const path of stale) console.log(`${path} written`);
  console.log(`${OUTPUT}/index.html: ${await makeHtml(DOCS, join(PROJECT, OUTPUT))} pages`);
}
