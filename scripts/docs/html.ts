/** The documentation as HTML pages that link to each other, and need nothing else. */
import { readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Marked } from 'marked';
import { type Page, pages, slug } from './pages.ts';

const KINDS: readonly (readonly [folder: string, title: string])[] = [
  ['tutorial', 'Tutorial'],
  ['how-to', 'How-to guides'],
  ['reference', 'Reference'],
  ['explanation', 'Explanation'],
];

/** Makes the pages of docs/ anew in a folder. @returns how many */
export async function makeHtml(docs: string, output: string): Promise<number> {
  const all = pages(docs);
  await rm(output, { recursive: true, force: true });
  for (const page of all) {
    const target = join(output, htmlPath(page.path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, document(page, all));
  }
  await mkdir(join(output, 'explanation'), { recursive: true });
  await cp(join(docs, 'explanation/flags.svg'), join(output, 'explanation/flags.svg'));
  return all.length;
}

function htmlPath(path: string): string {
  return path.replace(/README\.md$/, 'index.html').replace(/\.md$/, '.html');
}

function document(page: Page, all: readonly Page[]): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text }) {
        return `<h${depth} id="${slug(text)}">${this.parser.parseInline(tokens)}</h${depth}>\n`;
      },
      table(token) {
        const row = (cells: typeof token.header, tag: string) =>
          `<tr>${cells.map((each) => `<${tag}>${this.parser.parseInline(each.tokens)}</${tag}>`).join('')}</tr>\n`;
        const body = token.rows.map((cells) => row(cells, 'td')).join('');
        return `<div class="wide"><table><thead>${row(token.header, 'th')}</thead><tbody>${body}</tbody></table></div>\n`;
      },
    },
    walkTokens(token) {
      if (token.type === 'link' && !/^[a-z]+:/.test(token.href))
        token.href = token.href.replace(/\.md(?=#|$)/, '.html');
    },
  });
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${page.title} - WSGI charm</title>
<style>${STYLE}</style>
</head>
<body>
<nav>${navigation(page, all)}</nav>
<main>${marked.parse(page.text, { async: false })}</main>
</body>
</html>
`;
}

function navigation(current: Page, all: readonly Page[]): string {
  const link = ({ path, title }: Page) => {
    const href = relative(dirname(current.path), htmlPath(path));
    return `<li><a href="${href}"${path === current.path ? ' aria-current="page"' : ''}>${title}</a></li>`;
  };
  const home = all.filter(({ path }) => !path.includes('/'));
  const groups = KINDS.map(([folder, title]) => {
    const inside = all.filter(({ path }) => path.startsWith(`${folder}/`));
    return `<h2>${title}</h2><ul>${inside.map(link).join('')}</ul>`;
  });
  return `<ul>${home.map(link).join('')}</ul>${groups.join('')}`;
}

const STYLE = readFileSync(join(import.meta.dirname, 'style.css'), 'utf8');
