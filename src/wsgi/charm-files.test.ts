import { expect, test } from 'vitest';
import { z } from 'zod';
import actionsYaml from '../../actions.yaml';
import configYaml from '../../config.yaml';
import layerYaml from '../../layer.yaml';
import metadataYaml from '../../metadata.yaml';
import { RELATIONS } from './relations/table.ts';

const names = z.record(z.string(), z.looseObject({})).transform((entries) => Object.keys(entries));
const config = z.object({ options: names }).parse(configYaml);
const actions = names.parse(actionsYaml);
const metadata = z.looseObject({ provides: names, requires: names, resources: names }).parse(metadataYaml);
const { builds } = z
  .looseObject({
    builds: z.strictObject({ options: z.string().array(), actions: z.string().array(), resources: z.string().array() }),
  })
  .parse(layerYaml);

test('what layer.yaml counts to builds is there', () => {
  expect(config.options).toEqual(expect.arrayContaining(builds.options));
  expect(actions).toEqual(expect.arrayContaining(builds.actions));
  expect(metadata.resources).toEqual(expect.arrayContaining(builds.resources));
});

test('without builds the options are those of the layer', () => {
  const documented = [
    'port',
    'provision_command',
    'pip_cache_dir',
    'wsgi_module',
    'wsgi_logfile_path',
    'apt_dependencies',
    'environment_variables',
    'environment_secrets',
  ];
  const own = config.options.filter((name) => !builds.options.includes(name));
  expect(own).toEqual(expect.arrayContaining(documented));
  expect(own.filter((name) => /build|archive|symlink|assets/.test(name))).toEqual([]);
});

test('every endpoint of metadata.yaml has a row in the table of relations, and no other', () => {
  expect([...metadata.provides, ...metadata.requires].sort()).toEqual(Object.keys(RELATIONS).sort());
});
