/** What lets TypeScript import templates and YAML files, alike in the bundle and in the tests. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, relative } from 'node:path';
import Handlebars from 'handlebars';
import { load } from 'js-yaml';
import type { Plugin } from 'rolldown';
import { MODULE } from './package.ts';
import { contentOf, type Tree } from './tree.ts';

/** What the charm holds at a path wins over the file of that name in `folder`: its own template, its merged config.yaml. */
export interface Overlay {
  readonly folder: string;
  readonly files: Tree;
}

/** The module of the layer that makes a status of what an author's template throws. */
const AUTHORED = `src/wsgi/unit/authored-template${MODULE}`;

const RUNTIME = createRequire(import.meta.url).resolve('handlebars/runtime.js');

/**
 * `import render, { sha256 } from './x.hbs'`: a precompiled template function, so that nothing but Handlebars' small
 * runtime is needed where it runs. Values are not HTML-escaped, and a name that the context lacks throws.
 * `sha256` is that of the template's text: a file on disk with another one has been changed since.
 *
 * @param overridable the module whose function `overridable` says what the import really is; the compiled template unless given
 */
export function handlebarsModules(overlay?: Overlay, overridable?: string): Plugin {
  return {
    name: 'handlebars-modules',
    load: {
      filter: { id: /\.hbs$/ },
      async handler(id) {
        const source = await sourceOf(id, overlay);
        const authored = overlay !== undefined && source !== (await readFile(id, 'utf8'));
        const template = `runtime.template(${precompiled(source, id)})`;
        const own = authored ? `authored(name, ${template})` : template;
        const code = [
          `import runtime from ${JSON.stringify(RUNTIME)};`,
          ...(overridable === undefined ? [] : [`import { overridable } from ${JSON.stringify(overridable)};`]),
          ...(authored ? [`import { authored } from ${JSON.stringify(join(overlay.folder, AUTHORED))};`] : []),
          `export const name = ${JSON.stringify(basename(id))};`,
          `export const sha256 = ${JSON.stringify(createHash('sha256').update(source).digest('hex'))};`,
          `export default ${overridable === undefined ? own : `overridable(name, sha256, ${template})`};`,
        ].join('\n');
        return { code, moduleType: 'js', map: null };
      },
    },
  };
}

async function sourceOf(id: string, overlay: Overlay | undefined): Promise<string> {
  const node = overlay?.files.get(relative(overlay.folder, id));
  return node === undefined ? readFile(id, 'utf8') : Buffer.from(await contentOf(node)).toString();
}

/** Throws with the file's name in front: Handlebars itself knows only lines. */
function precompiled(source: string, file: string): string {
  try {
    return String(Handlebars.precompile(source, { noEscape: true, strict: true }));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/**
 * `import config from './config.yaml'`: what the file says, as plain data.
 * @param texts whether with its descriptions, which people read and every hook would
 */
export function yamlModules(overlay?: Overlay, texts: 'with texts' | 'without texts' = 'with texts'): Plugin {
  const kept = (key: string, value: unknown) =>
    texts === 'without texts' && key === 'description' && typeof value === 'string' ? undefined : value;
  return {
    name: 'yaml-modules',
    load: {
      filter: { id: /\.yaml$/ },
      async handler(id) {
        const data = load(await sourceOf(id, overlay), { filename: id });
        return { code: `export default ${JSON.stringify(data, kept)};`, moduleType: 'js', map: null };
      },
    },
  };
}
