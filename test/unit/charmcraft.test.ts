/** What charms of this layer say of themselves, held to what charmcraft asks of a charm. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type AnySchema } from 'ajv';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { type CharmParts, manifest } from '../../packages/charm-build/charm.ts';
import { checkWords } from '../../packages/charm-build/compose/check.ts';
import type { Mapping } from '../../packages/charm-build/compose/merge.ts';
import { readCharm } from '../../packages/charm-build/make.ts';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { ARCHITECTURES } from '../../packages/charm-build/runtime.ts';
import { contentOf } from '../../packages/charm-build/tree.ts';

const SCHEMA = JSON.parse(readFileSync(join(PROJECT, 'test/fixtures/charmcraft/charmcraft.json'), 'utf8'));
const { $defs } = SCHEMA;

/** What the schema leaves open and charmcraft's own models do not. Source: canonical/charmcraft charmcraft/models. */
const option = (type: string, value: object) => ({
  type: 'object',
  properties: { type: { const: type }, description: { type: 'string' }, default: value },
  required: ['type'],
  additionalProperties: false,
});
const OPTIONS = {
  type: 'object',
  additionalProperties: {
    oneOf: [
      option('string', { type: 'string' }),
      option('int', { type: 'integer' }),
      option('float', { type: 'number' }),
      option('boolean', { type: 'boolean' }),
      option('secret', { type: 'string', pattern: '^secret:[a-z0-9]{20}$' }),
    ],
  },
};
const ACTIONS = {
  type: 'object',
  propertyNames: { pattern: '^[a-zA-Z_][a-zA-Z0-9-_]*$', not: { enum: ['import', 'class', 'pass', 'return', 'with'] } },
  additionalProperties: { type: 'object', required: ['description'] },
};

interface Words {
  readonly metadata: Mapping;
  readonly options: Mapping;
  readonly actions: Mapping;
}

/** Each thing that charmcraft would say of these words. */
function refusals({ metadata, options, actions }: Words): string[] {
  return [
    ...against({ $defs, $ref: '#/$defs/PlatformCharm' }, project(metadata, options, actions)),
    ...against(OPTIONS, options),
    ...against(ACTIONS, actions),
  ];
}

function against(schema: AnySchema, data: unknown): string[] {
  // The schema has keywords of OpenAPI in it.
  const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
  return ajv.validate(schema, data) ? [] : (ajv.errors ?? []).map((each) => `${each.instancePath} ${each.message}`);
}

/** charmcraft.yaml of a charm with this metadata.yaml: it has other words for a few things, and none for tags. */
function project(metadata: Mapping, options: Mapping, actions: Mapping): Mapping {
  const { 'display-name': title, maintainers, tags: _, ...rest } = metadata;
  const platforms = bases().map(({ name, channel, architecture }) => [`${name}@${channel}:${architecture}`, null]);
  return {
    type: 'charm',
    ...rest,
    title,
    links: { contact: maintainers },
    config: { options },
    actions,
    platforms: Object.fromEntries(platforms),
    parts: { charm: { plugin: 'dump', source: '.' } },
  };
}

function bases(): { name: string; channel: string; architecture: string }[] {
  return ARCHITECTURES.flatMap((architecture) => {
    const { bases: all }: { bases: { name: string; channel: string }[] } = Object(load(manifest(architecture)));
    return all.map((base) => ({ ...base, architecture }));
  });
}

async function wordsOf({ metadata, actions, files }: CharmParts): Promise<Words> {
  const node = files.get('config.yaml');
  if (node === undefined) throw new Error('the charm has no config.yaml');
  const { options } = Object(load(Buffer.from(await contentOf(node)).toString()));
  return { metadata, options, actions };
}

const CHARMS = ['.', 'packages/charm-build/skeleton', 'examples/django-site', 'examples/resource-app'];
test.each(CHARMS)('the charm in %s is one to charmcraft', async (folder) => {
  const words = await wordsOf(await readCharm(join(PROJECT, folder)));
  expect(Object.keys(words.options).length).toBeGreaterThan(30);
  expect(refusals(words)).toEqual([]);
});

test('the manifest names bases that charmcraft builds for', () => {
  const known: string[] = $defs.PlatformCharm.properties.base.anyOf[0].enum;
  for (const architecture of ARCHITECTURES) {
    const { bases: all } = Object(load(manifest(architecture)));
    expect(against({ $defs, type: 'array', items: { $ref: '#/$defs/Base' } }, all)).toEqual([]);
  }
  for (const { name, channel } of bases()) expect(known).toContain(`${name}@${channel}`);
  expect([...new Set(bases().map(({ channel }) => channel))]).toEqual(['22.04', '24.04']);
});

describe('what charmcraft refuses, is refused when the charm is built', () => {
  const good: Words = {
    metadata: { name: 'site', summary: 'A site.', description: 'A site.' },
    options: { motd: { type: 'string', default: 'hi' } },
    actions: { greet: { description: 'Greets.' } },
  };

  test('and what it takes is not', () => {
    expect(refusals(good)).toEqual([]);
    expect(checkWords(good)).toMatchObject({ metadata: { name: 'site' } });
  });

  test.each<[string, Partial<Words>]>([
    ['a name of more than 40 characters', { metadata: { ...good.metadata, name: 'x'.repeat(41) } }],
    ['no summary', { metadata: { name: 'site', description: 'A site.' } }],
    ['a summary of more than 200 characters', { metadata: { ...good.metadata, summary: 'x'.repeat(201) } }],
    ['a title of one character', { metadata: { ...good.metadata, 'display-name': 'x' } }],
    ['endpoints in a list', { metadata: { ...good.metadata, requires: ['db'] } }],
    ['an option without a type', { options: { motd: { default: 'hi' } } }],
    ['a type that is none', { options: { motd: { type: 'integer' } } }],
    ['a default of another type', { options: { motd: { type: 'int', default: 1.5 } } }],
    ['a default that is no secret', { options: { motd: { type: 'secret', default: '' } } }],
    ['a key that options have not', { options: { motd: { type: 'string', choices: ['a'] } } }],
    ['an action without a description', { actions: { greet: {} } }],
    ['a name of an action that is a word of Python', { actions: { import: { description: 'Reads.' } } }],
    ['a name of an action with a dot', { actions: { 'greet.all': { description: 'Greets.' } } }],
  ])('%s', (_, change) => {
    const words = { ...good, ...change };
    expect(refusals(words)).not.toEqual([]);
    expect(() => checkWords(words)).toThrow();
  });
});
