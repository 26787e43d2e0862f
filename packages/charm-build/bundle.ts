import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { type Plugin, rolldown } from 'rolldown';
import { minify } from 'rolldown/utils';
import { CharmError } from './errors.ts';
import { lineMap } from './line-map.ts';
import { MODULE } from './package.ts';
import { handlebarsModules, type Overlay, yamlModules } from './source-plugins.ts';

export interface BundleOptions {
  /** Source of the module to begin with, in TypeScript or JavaScript; its imports are resolved from `folder`. */
  readonly entry: string;
  readonly folder: string;
  readonly overlay?: Overlay;
  /** Path of the module that lets templates be replaced where the bundle runs; none can be unless given. */
  readonly overridable?: string;
  /** Folders that maps name sources from, besides `folder`. */
  readonly roots?: readonly string[];
}

/** `import ... from 'layer-wsgi/reactive'` in a charm is the very engine that runs it, whatever copy its author installed. */
function ownModules(folder: string): Plugin {
  return {
    name: 'own-modules',
    resolveId: {
      filter: { id: /^layer-wsgi(\/\w+)?$/ },
      handler: (id) => join(folder, 'src', id.slice('layer-wsgi'.length), `index${MODULE}`),
    },
  };
}

/** Packages under the path at which the project has them, where its node_modules is a link: rolldown sorts modules by their paths. */
function ownPackages(folder: string): Plugin[] {
  const here = join(folder, 'node_modules');
  const real = existsSync(here) ? realpathSync(here) : here;
  if (real === here) return [];
  return [
    {
      name: 'own-packages',
      async resolveId(source, importer, options) {
        const found = await this.resolve(source, importer, { ...options, skipSelf: true });
        return found?.id.startsWith(`${real}/`) ? { ...found, id: here + found.id.slice(real.length) } : null;
      },
    },
  ];
}

/** The npm package that a file of the bundle comes from; undefined for our own code, which stays readable in traces. */
function libraryOf(module: string | null | undefined, folder: string): string | undefined {
  if (module === null || module === undefined || module.startsWith(join(folder, 'src/'))) return undefined;
  const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(module) ?? [];
  return name?.replace('@', '').replace('/', '-');
}

/**
 * Shorter for the runtime to read, which it does in every hook. Names of functions, and in our own code the lines too,
 * are kept, so that a trace in the log says where.
 */
const SMALL = {
  mangle: { toplevel: true, keepNames: true },
  codegen: { removeWhitespace: false },
} as const;

/** A library on one line. */
async function oneLine(code: string, name: string): Promise<string> {
  const options = { ...SMALL, module: false, codegen: { removeWhitespace: true } };
  const { code: minified, errors } = await minify(name, code, options);
  if (errors.length > 0) throw new Error(`${name}: ${errors.map(({ message }) => message).join(', ')}`);
  return minified;
}

/** A source as its author knows it: `reactive/shop.ts` in a charm, `src/main.ts` in the layer, `node_modules/zod/...` wherever that lies. */
function nameOf(path: string, { folder, roots = [] }: BundleOptions): string {
  const root = [...roots, folder].find((one) => path.startsWith(`${resolve(one)}/`));
  if (root !== undefined) return relative(root, path);
  const library = path.lastIndexOf('/node_modules/');
  return library === -1 ? basename(path) : path.slice(library + 1);
}

const ENTRY = 'entry.ts';

/**
 * Compiles a charm's code to CommonJS, which starts faster than ES modules. What is imported with `import()` becomes a
 * file of its own, required at that moment; what both need stays in the entry, so that there is one copy of every module.
 * The oldest Node that may run it is 18.19: that of Ubuntu 24.04; Debian 12 has 18.20.
 *
 * @returns the text of each file by its name: `entry.cjs`, `reconcile.cjs`, ...
 * @throws CharmError for code or a template that cannot be compiled, with the place
 */
export async function bundle(options: BundleOptions): Promise<ReadonlyMap<string, string>> {
  const entry = resolve(options.folder, ENTRY);
  const build = await rolldown({
    input: { entry },
    cwd: options.folder,
    platform: 'node',
    transform: { target: 'node18.19' },
    // Names of modules in comments would make the bytes depend on where the sources lie.
    experimental: { attachDebugInfo: 'none' },
    // On a busy computer our plugins seem slow, which is no fault of the charm's.
    checks: { bundlerTimings: false },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? { code: options.entry, moduleType: 'ts' } : null),
      },
      ownModules(options.folder),
      ...ownPackages(options.folder),
      handlebarsModules(options.overlay, options.overridable),
      yamlModules(options.overlay, 'without texts'),
    ],
    onLog(level, log, report) {
      // A bundle that is not sure of an import fails on somebody's machine; it had better fail here.
      if (level === 'warn') throw new Error(log.message);
      report(level, log);
    },
  });
  try {
    const { output } = await build.generate({
      format: 'cjs',
      entryFileNames: '[name].cjs',
      chunkFileNames: ({ name, facadeModuleId }) => `${libraryOf(facadeModuleId, options.folder) ?? name}.cjs`,
      dynamicImportInCjs: false,
      comments: false,
      minify: SMALL,
      sourcemap: 'hidden',
      sourcemapPathTransform: (path, map) => nameOf(resolve(dirname(map), path), options),
    });
    const files = new Map<string, string>();
    for (const file of output) {
      if (file.type !== 'chunk') continue;
      const library = libraryOf(file.facadeModuleId, options.folder) !== undefined;
      files.set(file.fileName, library ? await oneLine(file.code, file.fileName) : file.code);
      if (!library && file.map !== null) files.set(`${file.fileName}.map`, lineMap(file.map));
    }
    return files;
  } catch (error) {
    throw new CharmError(stripVTControlCharacters(error instanceof Error ? error.message : String(error)).trim());
  } finally {
    await build.close();
  }
}
