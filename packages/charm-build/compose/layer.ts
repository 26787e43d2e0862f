import { basename, dirname, join, matchesGlob } from 'node:path';
import { z } from 'zod';
import { CharmError } from '../errors.ts';
import { readTree, type Tree } from '../tree.ts';
import { readYaml } from '../yaml.ts';
import { LayerYaml } from './layer-yaml.ts';
import type { Mapping } from './merge.ts';

/** What a layer says of itself. */
export interface LayerWords {
  readonly yaml: LayerYaml;
  readonly metadata: Mapping;
  /** Of config.yaml. */
  readonly options: Mapping;
  readonly actions: Mapping;
}

/** One layer as it lies on disk: what it says, and what it brings. */
export interface Layer extends LayerWords {
  readonly name: string;
  readonly folder: string;
  /** Files that go into the charm as they are. */
  readonly files: Tree;
  /** Modules with handlers, in TypeScript or JavaScript, as absolute paths. */
  readonly handlers: readonly string[];
}

const Mappings = z.record(z.string(), z.unknown()).default({});
const Config = z.strictObject({ options: Mappings }).prefault({});

/** What is read into something else, or is there for the author alone. Hidden files stay out too. */
const NOT_COPIED = [
  'layer.yaml',
  'metadata.yaml',
  'config.yaml',
  'actions.yaml',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'biome.json',
  'vitest.config.*',
  'dist',
  'layers',
  'src',
  'test',
  'tests',
  '*.charm',
  '*.tgz',
  '*.d.ts',
];

/** @throws CharmError with a line for each mistake */
export async function readWords(folder: string): Promise<LayerWords> {
  return {
    yaml: await readYaml(join(folder, 'layer.yaml'), LayerYaml),
    metadata: await readYaml(join(folder, 'metadata.yaml'), Mappings),
    options: (await readYaml(join(folder, 'config.yaml'), Config)).options,
    actions: await readYaml(join(folder, 'actions.yaml'), Mappings),
  };
}

/** @throws CharmError with a line for each mistake */
export async function readLayer(name: string, folder: string): Promise<Layer> {
  const words = await readWords(folder);
  const all = await readTree(folder);
  const paths = [...all.keys()];
  const python = paths.find((path) => /^reactive\/.*\.py$/.test(path));
  if (python !== undefined) {
    throw new CharmError(
      `${join(folder, python)}: Python handlers need charms.reactive: make this charm with charm build`,
    );
  }
  const hook = paths.find((path) => path.startsWith('hooks/'));
  if (hook !== undefined) {
    throw new CharmError(
      `${join(folder, hook)}: hooks are made from metadata.yaml; write a handler in reactive/ instead`,
    );
  }
  return {
    ...words,
    name,
    folder,
    files: filtered(all, (path) => isCopied(path) && !matches(path, words.yaml.exclude)),
    handlers: paths.filter(isHandlers).map((path) => join(folder, path)),
  };
}

/** Whether a path is one of the patterns, in a folder that is, or has a name that is. Source: gitignore's plain patterns. */
export function matches(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const plain = pattern.replace(/^\//, '').replace(/\/$/, '');
    const anywhere = !plain.includes('/');
    return ancestors(path).some((part) => matchesGlob(part, plain) || (anywhere && matchesGlob(basename(part), plain)));
  });
}

function filtered(tree: Tree, keep: (path: string) => boolean): Tree {
  return new Map([...tree].filter(([path]) => keep(path)));
}

/** `a/b/c` is in `a/b`, which is in `a`. */
function ancestors(path: string): string[] {
  return path === '.' ? [] : [path, ...ancestors(dirname(path))];
}

function isHandlers(path: string): boolean {
  return /^reactive\/[^/]+\.(ts|js|mjs)$/.test(path) && !/\.(test|d)\.ts$/.test(path);
}

function isCopied(path: string): boolean {
  const [top = ''] = path.split('/');
  if (top.startsWith('.') || NOT_COPIED.some((pattern) => matchesGlob(top, pattern))) return false;
  return !/^(reactive|actions)\/.*\.(ts|js|mjs)$/.test(path);
}
