/** A charm out of its layers. */
import { join } from 'node:path';
import type { CharmParts } from '../charm.ts';
import { CharmError } from '../errors.ts';
import { packageVersion } from '../package.ts';
import { type Node, type Tree, text } from '../tree.ts';
import { readYaml, toYaml } from '../yaml.ts';
import { baseLayer } from './base.ts';
import { charmMetadata } from './charm-metadata.ts';
import { checkWords } from './check.ts';
import { checkHandlerModules } from './handler-modules.ts';
import { BASE, layersOf } from './includes.ts';
import { type Layer, matches } from './layer.ts';
import { LayerYaml } from './layer-yaml.ts';
import { type Mapping, merge, without } from './merge.ts';
import { type LayerOptions, layerOptions } from './options.ts';
import { checkTemplates } from './templates.ts';
import { checkWsgiYaml } from './wsgi-yaml.ts';

export interface ComposeOptions {
  /** Folder of this package. */
  readonly project: string;
  /** Where included layers are looked for, besides the charm's own layers/. */
  readonly layers: readonly string[];
}

/**
 * Composes the charm in a folder: what upper layers say and bring wins over lower ones, the charm itself is the top.
 *
 * @throws CharmError with a line for each mistake of the author
 */
export async function compose(charm: string, { project, layers: folders }: ComposeOptions): Promise<CharmParts> {
  const builds = await asksForBuilds(charm);
  const layers = await layersOf(charm, await baseLayer(project, builds), folders);
  const options = layerOptions(layers);
  const said = {
    metadata: charmMetadata(mergeAll(layers, 'metadata')),
    options: mergeAll(layers, 'options'),
    actions: mergeAll(layers, 'actions'),
  };
  const { metadata, actions } = checkWords(said);
  const files = overlay(layers);
  await checkWsgiYaml(files);
  await checkTemplates(files, charm, project);
  await checkHandlerModules(
    layers.flatMap((layer) => layer.handlers),
    charm,
  );
  files.set('metadata.yaml', text(toYaml(said.metadata)));
  files.set('config.yaml', text(toYaml({ options: said.options })));
  files.set('actions.yaml', text(toYaml(said.actions)));
  files.set('layer.yaml', text(toYaml(composedLayerYaml(layers, options))));
  return {
    metadata,
    actions,
    files,
    handlers: layers.flatMap((layer) => layer.handlers),
    version: await packageVersion(project),
  };
}

/** Read before anything else: what layer:wsgi brings hangs on it. */
async function asksForBuilds(charm: string): Promise<boolean> {
  const yaml = await readYaml(join(charm, 'layer.yaml'), LayerYaml);
  return yaml.options[BASE]?.builds === true;
}

const SECTIONS = { metadata: 'metadata', options: 'config', actions: 'actions' } as const;

function mergeAll(layers: readonly Layer[], part: keyof typeof SECTIONS): Mapping {
  return layers.reduce<Mapping>((lower, layer) => {
    const merged = merge(lower, layer[part]);
    return layer.yaml[SECTIONS[part]].deletes.reduce((data, path) => {
      const rest = without(data, path);
      if (rest !== undefined) return rest;
      const file = join(layer.folder, 'layer.yaml');
      throw new CharmError(`${file}: ${SECTIONS[part]}.deletes: there is no ${path} to delete`);
    }, merged);
  }, {});
}

/** Files of all layers, those of upper ones in place of lower ones'; without what an upper layer ignores. */
function overlay(layers: readonly Layer[]): Tree {
  const files = new Map<string, { readonly node: Node; readonly from: string }>();
  for (const layer of layers) {
    const { ignore } = layer.yaml;
    for (const [path, { from }] of files) {
      if (matches(path, Array.isArray(ignore) ? ignore : (ignore[from] ?? []))) files.delete(path);
    }
    for (const [path, node] of layer.files) files.set(path, { node, from: layer.name });
  }
  return new Map([...files].map(([path, { node }]) => [path, node]));
}

/** What became of the layers; handlers read their layers' options here. */
function composedLayerYaml(layers: readonly Layer[], options: LayerOptions): Mapping {
  const includes = layers.slice(0, -1).map(({ name }) => `layer:${name}`);
  return { includes, options };
}
