/** What the site of the documentation looks like. Source: vitepress.dev/reference/site-config */
import { join } from 'node:path';
import { defineConfig } from 'vitepress';
import { pages, slug } from '../../scripts/docs/pages.ts';

const DOCS = join(import.meta.dirname, '..');
const KINDS = [
  ['tutorial', 'Tutorial'],
  ['how-to', 'How-to guides'],
  ['reference', 'Reference'],
  ['explanation', 'Explanation'],
] as const;

const all = pages(DOCS);

export default defineConfig({
  title: 'WSGI charm',
  description: 'Serves Python web applications with gunicorn under systemd, and makes charms that do.',
  lang: 'en',
  rewrites: { 'README.md': 'index.md' },
  cacheDir: join(DOCS, '../dist/.vitepress'),
  // The picture's text, which is copied beside it.
  ignoreDeadLinks: [/\.mmd$/],
  // The project's own compiler options name a newer JavaScript than this bundler knows.
  vite: { esbuild: { tsconfigRaw: {} } },
  head: [['link', { rel: 'icon', href: 'data:,' }]],
  // Anchors as code hosts make them, where the same pages are read.
  markdown: { anchor: { slugify: slug } },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    sidebar: KINDS.map(([folder, text]) => ({
      text,
      items: all
        .filter(({ path }) => path.startsWith(`${folder}/`))
        .map(({ path, title }) => ({ text: title, link: `/${path.replace(/\.md$/, '')}` })),
    })),
  },
});
