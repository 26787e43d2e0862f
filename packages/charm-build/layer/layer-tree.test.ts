import { load } from 'js-yaml';
import { beforeAll, expect, test } from 'vitest';
import configYaml from '../../../config.yaml';
import layerYaml from '../../../layer.yaml';
import metadataYaml from '../../../metadata.yaml';
import { PROJECT } from '../package.ts';
import { contentOf, type Tree } from '../tree.ts';
import { layerTree } from './layer-tree.ts';

let tree: Tree;
beforeAll(async () => {
  tree = await layerTree({ project: PROJECT, architecture: 'amd64', runtime: 'system' });
});

async function yaml(path: string): Promise<Record<string, Record<string, unknown>>> {
  const node = tree.get(path);
  return Object(load(node === undefined ? '' : Buffer.from(await contentOf(node)).toString()));
}

test('it has all options of the layer, and none that belongs to builds', async () => {
  const { options } = Object(layerYaml).builds;
  const left = Object.entries(configYaml.options).filter(([name]) => !options.includes(name));
  expect((await yaml('config.yaml')).options).toEqual(Object.fromEntries(left));
});

test('it has the endpoints of the layer, and says nothing else of a charm', async () => {
  const { provides = {}, requires = {}, peers = {}, ...rest } = await yaml('metadata.yaml');
  expect(Object.keys(rest)).toEqual(['assumes']);
  expect(Object.keys(provides)).toEqual(Object.keys(Object(metadataYaml).provides));
  expect(Object.keys(requires)).toEqual(Object.keys(Object(metadataYaml).requires));
  expect(Object.keys(peers)).toEqual(Object.keys(Object(metadataYaml).peers));
});

test('hooks are left to layer:basic, sources and examples stay here', () => {
  const tops = [...new Set([...tree.keys()].map((path) => path.split('/')[0]))];
  const folders = ['actions', 'lib', 'reactive', 'templates', 'wheels'];
  const files = ['actions.yaml', 'config.yaml', 'layer.yaml', 'metadata.yaml', 'wsgi.yaml'];
  expect(tops.sort()).toEqual([...folders, ...files].sort());
  expect([...tree.keys()]).not.toContain('actions/set-current-symlink');
});

test('every interface that it speaks has a module for charms.reactive to find', async () => {
  const { provides = {}, requires = {} } = await yaml('metadata.yaml');
  for (const [role, endpoints] of Object.entries({ provides, requires })) {
    for (const endpoint of Object.values(endpoints)) {
      expect([...tree.keys()]).toContain(`reactive/relations/${Object(endpoint).interface}/${role}.py`);
    }
  }
});
