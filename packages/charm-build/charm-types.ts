/** What a charm declares in YAML, as types: with `typed` of layer-wsgi/reactive a misspelt name does not compile. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { CharmParts } from './charm.ts';
import { layerModule } from './layer/layer-module.ts';
import { contentOf } from './tree.ts';

/** In the folder of the charm's sources, beside its YAML. */
export const TYPES_FILE = 'charm.d.ts';

/** Flags with this prefix are the layer's alone; with others, such as that of an endpoint, authors may name their own. */
const OWN = 'wsgi.';

const VALUES = { string: 'string', int: 'number', float: 'number', boolean: 'boolean', secret: 'string' } as const;

const Config = z.object({
  options: z.record(
    z.string(),
    z.looseObject({
      type: z.enum(['string', 'int', 'float', 'boolean', 'secret']),
      description: z.string().default(''),
      default: z.unknown().optional(),
    }),
  ),
});

/** The text of {@link TYPES_FILE} for a composed charm. */
export async function charmTypes({ files, metadata, actions }: CharmParts): Promise<string> {
  const node = files.get('config.yaml');
  const { options } = Config.parse(
    load(node === undefined ? 'options: {}' : Buffer.from(await contentOf(node)).toString()),
  );
  const { flags } = await layerModule();
  const endpoints = [metadata.provides, metadata.requires, metadata.peers].flatMap((role) => Object.keys(role ?? {}));
  return [
    '// Made by `wsgi-charm check`, `build` and `pack` from metadata.yaml, config.yaml and actions.yaml: change those.',
    '',
    '/** Options with the types of their values. Those without a default may be absent. */',
    'export interface Options {',
    ...Object.entries(options).flatMap(([name, option]) => [
      ...comment(option.description),
      `  ${key(name)}${option.default === undefined || option.default === null ? '?' : ''}: ${VALUES[option.type]};`,
    ]),
    '}',
    '',
    '/** The names of this charm, for `typed<Charm, WsgiApi>()` of layer-wsgi/reactive. */',
    'export interface Charm {',
    '  options: Options;',
    ...union('endpoints', endpoints),
    ...union('storage', Object.keys(metadata.storage ?? {})),
    ...union('actions', Object.keys(actions)),
    ...actionParams(actions),
    ...union(
      'layerFlags',
      Object.keys(flags).filter((flag) => flag.startsWith(OWN)),
    ),
    '}',
    '',
  ].join('\n');
}

/**
 * Writes {@link TYPES_FILE} where it is missing or says something else.
 *
 * @param where `there`: only where there is one already, for an author who has no use for it
 */
export async function writeCharmTypes(folder: string, parts: CharmParts, where: 'anywhere' | 'there'): Promise<void> {
  const file = join(folder, TYPES_FILE);
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === undefined && where === 'there') return;
  const wanted = await charmTypes(parts);
  if (found !== wanted) await writeFile(file, wanted);
}

/** The first sentence of a description, on a line. */
function comment(description: string): string[] {
  const [sentence = ''] = description
    .trim()
    .replaceAll(/\s+/g, ' ')
    .replaceAll('*/', '* /')
    .split(/(?<=\.) /);
  return sentence === '' ? [] : [`  /** ${sentence} */`];
}

/** The types of JSON schema, as far as a parameter of an action has one. */
const PARAMETERS: Readonly<Record<string, string>> = {
  string: 'string',
  integer: 'number',
  number: 'number',
  boolean: 'boolean',
  array: 'readonly unknown[]',
  object: 'Readonly<Record<string, unknown>>',
};

/** Parameters by action. Juju gives those with a default and those that are required; the others may be absent. */
function actionParams(actions: CharmParts['actions']): string[] {
  return [
    '  actionParams: {',
    ...Object.entries(actions).flatMap(([name, { params = {}, required = [] }]) => {
      const fields = Object.entries(params).map(([parameter, { type, default: value }]) => {
        const given = value !== undefined || required.includes(parameter);
        return `${key(parameter)}${given ? '' : '?'}: ${PARAMETERS[String(type)] ?? 'unknown'}`;
      });
      return `    ${key(name)}: ${fields.length === 0 ? 'object' : `{ ${fields.join('; ')} }`};`;
    }),
    '  };',
  ];
}

function key(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

function union(name: string, members: readonly string[]): string[] {
  if (members.length === 0) return [`  ${name}: never;`];
  return [`  ${name}:`, ...members.map((member, at) => `    | '${member}'${at === members.length - 1 ? ';' : ''}`)];
}
