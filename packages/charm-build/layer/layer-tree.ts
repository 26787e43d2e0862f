/** layer:wsgi as `charm build` takes it: what authors with handlers in Python make their charms of. */
import { join } from 'node:path';
import { bundle } from '../bundle.ts';
import { type CharmOptions, carryRuntime } from '../charm.ts';
import { baseLayer } from '../compose/base.ts';
import { MODULE } from '../package.ts';
import { readTree, type Tree, text } from '../tree.ts';
import { toYaml } from '../yaml.ts';
import { interfaceModules, layerMetadata } from './endpoints.ts';
import { layerModule } from './layer-module.ts';
import { reactiveModule } from './reactive-module.ts';

/** The layer's folder has this name in CHARM_LAYERS_DIR, which is how layer.yaml of a charm finds it. */
export const LAYER = 'wsgi';

/** Where Python finds `charms.layer.wsgi`: layer:basic puts lib/ on its path. */
const LIBRARY = 'lib/charms/layer/wsgi';

/** Hooks are layer:basic's, which run the handlers of every layer: with hooks of its own the layer would displace them. */
const INCLUDES = ['layer:basic'];

/**
 * The folder of the layer: the same bundle, templates and words as in a charm of TypeScript, and a bridge over which
 * charms.reactive runs the layer's handlers. What belongs to builds stays out.
 */
export async function layerTree(options: Omit<CharmOptions, 'entry'>): Promise<Tree> {
  const { project: folder } = options;
  const layer = await baseLayer(folder, false);
  const tree: Tree = new Map(layer.files);
  tree.set('layer.yaml', text(toYaml({ includes: INCLUDES })));
  tree.set('metadata.yaml', text(toYaml(layerMetadata(layer.metadata))));
  tree.set('config.yaml', text(toYaml({ options: layer.options })));
  tree.set('actions.yaml', text(toYaml(layer.actions)));
  const entry = `import { main } from './src/bridge/main${MODULE}';\nvoid main();`;
  const bundled = await bundle({
    entry,
    folder,
    overlay: { folder, files: tree },
    overridable: join(folder, `src/bridge/own-templates${MODULE}`),
  });
  for (const [name, code] of bundled) tree.set(`lib/${name}`, text(code));
  const copy = (path: string) => ({ kind: 'copy', from: join(folder, path), executable: false }) as const;
  tree.set('lib/launch.sh', copy('packages/charm-build/launch.sh'));
  for (const [path, node] of await readTree(join(folder, 'src/bridge/python'), LIBRARY)) tree.set(path, node);
  const { handlers } = await layerModule();
  tree.set('reactive/wsgi.py', text(reactiveModule(handlers)));
  for (const [path, code] of interfaceModules(layer.metadata)) tree.set(path, text(code));
  for (const action of Object.keys(layer.actions)) {
    tree.set(`actions/${action}`, { ...copy('packages/charm-build/layer/action.py'), executable: true });
  }
  await carryRuntime(tree, options);
  return new Map([...tree].sort(([a], [b]) => (a < b ? -1 : 1)));
}
