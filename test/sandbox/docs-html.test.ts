/** The site of the documentation, opened in a browser. */
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { pages } from '../../scripts/docs/pages.ts';
import { CHROMIUM, whyNotInstalled } from '../servers/debian.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

let folder: string;
let server: Server;
let origin: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'docs-html-'));
  // In a process of its own, without the environment of a test: VitePress then builds for production.
  const script = `import { makeHtml } from '${PROJECT}/scripts/docs/html.ts'; await makeHtml('${PROJECT}/docs', '${folder}')`;
  await execa(process.execPath, ['--input-type=module', '-e', script], {
    cwd: PROJECT,
    env: { NODE_ENV: 'production' },
  });
  server = createServer((request, response) => {
    const path = join(folder, decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname));
    try {
      const file = statSync(path).isDirectory() ? join(path, 'index.html') : path;
      response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream').end(readFileSync(file));
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  origin = typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : '';
});
afterAll(() => {
  server?.close();
  server?.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

test('every page of docs/ is in the site, and links to no file that is not', () => {
  const made = globSync('**/*.html', { cwd: folder });
  for (const { path } of pages(join(PROJECT, 'docs')))
    expect(made).toContain(path.replace(/^README\.md$/, 'index.md').replace(/\.md$/, '.html'));
  for (const page of made) {
    const text = readFileSync(join(folder, page), 'utf8');
    for (const [, href = ''] of text.matchAll(/(?:href|src)="(\/[^"#]*)/g))
      expect(() => statSync(join(folder, href)), `${page}: ${href}`).not.toThrow();
  }
});

test('a browser opens every page without a word of complaint', async ({ skip }) => {
  await needChromium(skip);
  for (const page of globSync('**/*.html', { cwd: folder, exclude: ['404.html'] })) {
    const { stdout, stderr } = await open(page, '--dump-dom');
    expect(
      stderr.split('\n').filter((line) => line.includes('CONSOLE')),
      page,
    ).toEqual([]);
    expect(stdout, page).toMatch(/<main[\s\S]*<h1 id="/);
    // Drawn by its script, which has therefore run.
    expect(stdout, page).toContain('DocSearch-Button');
  }
});

test('the meaning of an option gets most of the width of its table', async ({ skip }) => {
  await needChromium(skip);
  const picture = join(folder, 'options.png');
  await open('reference/options.html', `--screenshot=${picture}`, '--window-size=1400,1800');
  expect(statSync(picture).size).toBeGreaterThan(50_000);
});

async function needChromium(skip: (why: string) => never): Promise<void> {
  const whyNot = await whyNotInstalled(CHROMIUM);
  if (whyNot !== undefined) skip(whyNot);
}

function open(page: string, ...flags: string[]) {
  const own = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--v=0'];
  const patience = ['--virtual-time-budget=5000'];
  return execa('/usr/bin/chromium', [
    ...own,
    ...patience,
    `--user-data-dir=${folder}/profile`,
    ...flags,
    `${origin}/${page}`,
  ]);
}
