import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { makeHtml } from '../../scripts/docs/html.ts';
import { whyNotInstalled } from '../servers/debian.ts';

let folder: string;
beforeAll(async () => {
  expect(await whyNotInstalled({ package: 'chromium', program: '/usr/bin/chromium' })).toBeUndefined();
  folder = mkdtempSync(join(tmpdir(), 'docs-html-'));
  await makeHtml(join(PROJECT, 'docs'), folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a browser opens every page of the documentation without a word of complaint', async () => {
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

test('the picture of flags and handlers is drawn', async () => {
  const picture = join(folder, 'engine.png');
  await open('explanation/engine.html', `--screenshot=${picture}`, '--window-size=1200,1800');
  expect(statSync(picture).size).toBeGreaterThan(50_000);
});

function open(page: string, ...flags: string[]) {
  const own = ['--headless', '--no-sandbox', '--disable-gpu', '--enable-logging=stderr', '--v=0'];
  return execa('/usr/bin/chromium', [
    ...own,
    `--user-data-dir=${folder}/profile`,
    ...flags,
    `file://${folder}/${page}`,
  ]);
}
