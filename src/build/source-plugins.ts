/** What lets TypeScript import templates and YAML files, alike in the bundle and in the tests. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename } from 'node:path';
import Handlebars from 'handlebars';
import { load } from 'js-yaml';
import type { Plugin } from 'rolldown';

/** Files to take in place of others, by absolute path: a charm's own template or merged config.yaml for the layer's. */
export type Replacements = ReadonlyMap<string, string>;

const RUNTIME = createRequire(import.meta.url).resolve('handlebars/runtime.js');

/**
 * `import render, { sha256 } from './x.hbs'`: a precompiled template function, so that nothing but Handlebars' small
 * runtime is needed where it runs. Values are not HTML-escaped, and a name that the context lacks throws.
 * `sha256` is that of the template's text: a file on disk with another one has been changed since.
 */
export function handlebarsModules(replacements: Replacements = new Map()): Plugin {
  return {
    name: 'handlebars-modules',
    load: {
      filter: { id: /\.hbs$/ },
      async handler(id) {
        const file = replacements.get(id) ?? id;
        const source = await readFile(file, 'utf8');
        const code = [
          `import runtime from ${JSON.stringify(RUNTIME)};`,
          `export const name = ${JSON.stringify(basename(file))};`,
          `export const sha256 = ${JSON.stringify(createHash('sha256').update(source).digest('hex'))};`,
          `export default runtime.template(${precompiled(source, file)});`,
        ].join('\n');
        return { code, moduleType: 'js', map: null };
      },
    },
  };
}

/** Throws with the file's name in front: Handlebars itself knows only lines. */
function precompiled(source: string, file: string): string {
  try {
    return String(Handlebars.precompile(source, { noEscape: true, strict: true }));
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `import config from './config.yaml'`: what the file says, as plain data. */
export function yamlModules(replacements: Replacements = new Map()): Plugin {
  return {
    name: 'yaml-modules',
    load: {
      filter: { id: /\.yaml$/ },
      async handler(id) {
        const file = replacements.get(id) ?? id;
        const data = load(await readFile(file, 'utf8'), { filename: file });
        return { code: `export default ${JSON.stringify(data)};`, moduleType: 'js', map: null };
      },
    },
  };
}
