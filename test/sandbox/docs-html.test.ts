import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { makeHtml } from '../../scripts/docs/html.ts';
import { CHROMIUM, whyNotInstalled } from '../servers/debian.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'docs-html-'));
  await makeHtml(join(PROJECT, 'docs'), folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a browser opens every page of the documentation without a word of complaint', async ({ skip }) => {
  await needChromium(skip);
  const pages = globSync('**/*.html', { cwd: folder });
  expect(pages).toContain('index.html');
  for (const page of pages) {
    const { stdout, stderr } = await open(page, '--dump-dom');
    expect(
      stderr.split('\n').filter((line) => line.includes('CONSOLE')),
      page,
    ).toEqual([]);
    expect(stdout, page).toMatch(/<main><h1 id="/);
  }
});

test('the picture of flags and handlers is drawn', async ({ skip }) => {
  await needChromium(skip);
  const picture = join(folder, 'engine.png');
  await open('explanation/engine.html', `--screenshot=${picture}`, '--window-size=1200,1800');
  expect(statSync(picture).size).toBeGreaterThan(50_000);
});

async function needChromium(skip: (why: string) => never): Promise<void> {
  const whyNot = await whyNotInstalled(CHROMIUM);
  if (whyNot !== undefined) skip(whyNot);
}

function open(page: string, ...flags: string[]) {
  const own = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--v=0'];
  return execa('/usr/bin/chromium', [
    ...own,
    `--user-data-dir=${folder}/profile`,
    ...flags,
    `file://${folder}/${page}`,
  ]);
}
