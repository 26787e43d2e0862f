/** Reference of what an operator sees, from config.yaml, actions.yaml, metadata.yaml and layer.yaml. */
import { join } from 'node:path';
import * as z from 'zod';
import { PROJECT } from '../../packages/charm-build/package.ts';
import { readYaml } from '../../packages/charm-build/yaml.ts';
import type { Row } from '../../src/wsgi/relations/row.ts';
import { RELATIONS } from '../../src/wsgi/relations/table.ts';
import { SETTINGS } from './settings.ts';
import { code, page, table } from './text.ts';

const Options = z.object({
  options: z.record(
    z.string(),
    z.object({ type: z.string(), default: z.union([z.string(), z.number(), z.boolean()]), description: z.string() }),
  ),
});
const Parameter = z.looseObject({ type: z.string(), default: z.optional(z.unknown()), description: z.string() });
const Actions = z.record(
  z.string(),
  z.looseObject({
    description: z.string(),
    params: z.record(z.string(), Parameter).default({}),
    required: z.array(z.string()).default([]),
  }),
);
const Endpoints = z.record(
  z.string(),
  z.looseObject({ interface: z.string(), scope: z.string().default('global'), description: z.string() }),
);
const Metadata = z.looseObject({
  provides: Endpoints,
  requires: Endpoints,
  resources: z.record(z.string(), z.looseObject({ type: z.string(), description: z.string() })),
});
const Layer = z.looseObject({
  builds: z.object({
    options: z.array(z.string()),
    actions: z.array(z.string()),
    resources: z.array(z.string()),
  }),
});

async function read<S extends z.ZodType>(name: string, schema: S): Promise<z.infer<S>> {
  return schema.parse(await readYaml(join(PROJECT, name), z.unknown()));
}

export async function optionsPage(): Promise<string> {
  const { options } = await read('config.yaml', Options);
  const { builds } = await read('layer.yaml', Layer);
  const rows = (names: readonly string[]) =>
    names.map((name) => {
      const option = options[name];
      if (option === undefined) throw new Error(`layer.yaml names an option ${name} that config.yaml has not`);
      return [code(name), option.type, option.default === '' ? '' : code(String(option.default)), option.description];
    });
  const head = ['option', 'type', 'default', 'meaning'];
  const ofBuilds = new Set(builds.options);
  const ofLayer = Object.keys(options).filter((name) => !ofBuilds.has(name));
  return page(
    'Options',
    'config.yaml and layer.yaml',
    'A value that cannot be used changes nothing: the unit serves on as it was, and its status names the option and says what would be right.',
    '## Of the layer',
    'Every charm made from `layer:wsgi` has these.',
    table(head, rows(ofLayer)),
    '## Of builds',
    'The charm itself has these too, and so does a charm whose layer.yaml sets `options: {wsgi: {builds: true}}`.',
    table(head, rows(builds.options)),
  );
}

export async function actionsPage(): Promise<string> {
  const actions = await read('actions.yaml', Actions);
  const sections = Object.entries(actions).map(([name, { description, params, required }]) => {
    const rows = Object.entries(params).map(([parameter, schema]) => [
      code(parameter),
      schema.type,
      required.includes(parameter) ? 'required' : code(String(schema.default ?? '')),
      schema.description,
    ]);
    const parameters = rows.length === 0 ? [] : [table(['parameter', 'type', 'default', 'meaning'], rows)];
    return [`## ${name}`, description, ...parameters].join('\n\n');
  });
  return page(
    'Actions',
    'actions.yaml',
    'Run one with `juju run UNIT ACTION [PARAMETER=VALUE ...]`. An action that cannot do its work fails with a sentence that says why.',
    ...sections,
  );
}

export async function relationsPage(): Promise<string> {
  const { provides, requires, resources } = await read('metadata.yaml', Metadata);
  const rows: Readonly<Record<string, Row>> = RELATIONS;
  const endpoints = (of: z.infer<typeof Endpoints>) =>
    table(
      ['endpoint', 'interface', 'scope', 'charms', 'what it is for'],
      Object.entries(of).map(([name, each]) => [
        code(name),
        code(each.interface),
        each.scope,
        (rows[name]?.charms ?? []).join(', '),
        each.description,
      ]),
    );
  return page(
    'Relations and resources',
    'metadata.yaml and src/wsgi/relations/rows',
    'All relations are optional.',
    '## Provides',
    endpoints(provides),
    '## Requires',
    endpoints(requires),
    '## At a glance',
    'What a relation gives, and a line of settings that takes it up. The first variables of each are named here; all of them follow.',
    settingsTable(rows),
    '## Variables',
    'What the application finds in its environment. Where two relations have a variable of the same name, the one that stands further up here gives it; of several relations that give the same, the oldest counts. Your own [environment_variables](options.md) win over all of them. Logs and status lines show none that is secret.',
    ...variableSections(rows),
    '## Resources',
    table(
      ['resource', 'type', 'what it is'],
      Object.entries(resources).map(([name, each]) => [code(name), each.type, each.description]),
    ),
  );
}

/** Variables that the table of settings names; the others are parts of these. */
const NAMED = 3;

/** All relations that give something, with an example of each. */
function settingsTable(rows: Readonly<Record<string, Row>>): string {
  return table(
    ['endpoint', 'interface', 'charms', 'variables', 'Django', 'Flask'],
    Object.entries(SETTINGS).flatMap(([endpoint, { django, flask }]) => {
      const row = rows[endpoint];
      if (row?.kind !== 'giving') return [];
      const names = Object.keys(row.variables).slice(0, NAMED).map(code).join(', ');
      return [[code(endpoint), code(row.interface), row.charms.join(', '), names, code(django), code(flask)]];
    }),
  );
}

/** A section for relations that give the same. */
function variableSections(rows: Readonly<Record<string, Row>>): string[] {
  const giving = Object.entries(rows).flatMap(([endpoint, row]) => (row.kind === 'giving' ? [{ endpoint, row }] : []));
  const sections = Map.groupBy(giving, ({ row }) => row.gives);
  return [...sections.values()].flatMap((same) => [
    `### ${same.map(({ endpoint }) => code(endpoint)).join(', ')}`,
    table(
      ['variable', 'secret', 'meaning'],
      Object.entries(same[0]?.row.variables ?? {}).map(([name, { secret, meaning }]) => [
        code(name),
        secret ? 'yes' : '',
        meaning,
      ]),
    ),
  ]);
}
