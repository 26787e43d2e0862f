/** What the documentation asks its readers to type, for the tests that type it. */
import { join } from 'node:path';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { type Block, blocksOf, type Page, pages, readPage } from '../../scripts/docs/pages.ts';

export interface DocPage extends Page {
  readonly blocks: readonly Block[];
}

/** README, CONTRIBUTING and all of docs/; paths are those in the repository. */
export function docPages(): DocPage[] {
  const inDocs = pages(join(PROJECT, 'docs')).map((page) => ({ ...page, path: `docs/${page.path}` }));
  const atTop = ['README.md', 'CONTRIBUTING.md'].map((path) => readPage(PROJECT, path));
  return [...atTop, ...inDocs].map((page) => ({ ...page, blocks: blocksOf(page.text) }));
}

/**
 * The lines of an expected output that are not in the real one, or not in that order. Width of columns does not matter, and
 * `...` stands for anything.
 */
export function missingLines(expected: string, real: string): string[] {
  const lines = real.split('\n').map(squeezed);
  let from = 0;
  return expected.split('\n').filter((line) => {
    const parts = squeezed(line).split('...');
    const at = lines.findIndex((each, index) => index >= from && hasInOrder(each, parts));
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

function hasInOrder(line: string, parts: readonly string[]): boolean {
  let from = 0;
  return parts.every((part) => {
    const at = line.indexOf(part.trim(), from);
    from = at + part.trim().length;
    return at >= 0;
  });
}

function squeezed(line: string): string {
  return line.trim().replaceAll(/\s+/g, ' ');
}
