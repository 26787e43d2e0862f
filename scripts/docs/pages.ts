/** The pages of docs/, with their code blocks and links. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Token } from 'marked';

export interface Page {
  /** Below docs/: `how-to/website.md`. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

export interface Block {
  /** `sh`, `console`, `text`, `ts`, `yaml`, ...; empty where the author wrote none. */
  readonly language: string;
  /** The file whose content it is: the second word after the fence. */
  readonly file: string | undefined;
  readonly code: string;
}

/** All pages, in the order of their paths. */
export function pages(docs: string): Page[] {
  return globSync('**/*.md', { cwd: docs })
    .toSorted()
    .map((path) => readPage(docs, path));
}

export function readPage(folder: string, path: string): Page {
  const text = readFileSync(join(folder, path), 'utf8');
  return { path, text, title: /^# (.+)$/m.exec(text)?.[1] ?? path };
}

/** Code blocks in order, those in lists too. */
export function blocksOf(text: string): Block[] {
  return tokensOf(text).flatMap((token) => {
    if (token.type !== 'code') return [];
    const [language = '', file] = (token.lang ?? '').split(/\s+/);
    return [{ language, file, code: token.text }];
  });
}

/** Where the links and images of a page lead. */
export function linksOf(text: string): string[] {
  return tokensOf(text).flatMap((token) => (token.type === 'link' || token.type === 'image' ? [token.href] : []));
}

/** Anchors of its headings. */
export function anchorsOf(text: string): string[] {
  return tokensOf(text).flatMap((token) => (token.type === 'heading' ? [slug(token.text)] : []));
}

/** The anchor of a heading, as code hosts make it. */
export function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');
}

function tokensOf(text: string): Token[] {
  const found: Token[] = [];
  marked.walkTokens(marked.lexer(text), (token) => {
    found.push(token);
  });
  return found;
}
