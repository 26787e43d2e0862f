import { join } from 'node:path';
import { type Node, readTree, type Tree } from '../tree.ts';
import { BASE } from './includes.ts';
import { type Layer, readWords } from './layer.ts';
import { isMapping, type Mapping } from './merge.ts';

/** Folders of this package that are the layer's; its example builds, docs and tests are not. */
const FOLDERS = ['templates', 'wheels'];

/**
 * The layer that this package is, out of the charm that it is too: without that charm's name and words, and without
 * what belongs to builds unless they are asked for.
 */
export async function baseLayer(project: string, builds: boolean): Promise<Layer> {
  const words = await readWords(project);
  const ofBuilds = words.yaml.builds ?? { options: [], actions: [], resources: [] };
  const keep = (all: unknown, names: readonly string[]): Mapping =>
    isMapping(all) ? Object.fromEntries(Object.entries(all).filter(([name]) => builds || !names.includes(name))) : {};
  const { provides = {}, requires = {}, peers = {}, assumes, resources } = words.metadata;
  return {
    name: BASE,
    folder: project,
    yaml: { ...words.yaml, options: {} },
    metadata: { assumes, provides, requires, peers, resources: keep(resources, ofBuilds.resources) },
    options: keep(words.options, ofBuilds.options),
    actions: keep(words.actions, ofBuilds.actions),
    files: await filesOf(project),
    handlers: [],
  };
}

async function filesOf(project: string): Promise<Tree> {
  const copy = (name: string): Node => ({ kind: 'copy', from: join(project, name), executable: false });
  const files: Tree = new Map([
    ['lib/LICENSE', copy('LICENSE')],
    ['wsgi.yaml', copy('wsgi.yaml')],
  ]);
  for (const folder of FOLDERS) {
    for (const [name, node] of await readTree(join(project, folder), folder)) files.set(name, node);
  }
  return files;
}
