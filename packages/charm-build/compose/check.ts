/**
 * What Juju would refuse when the charm is deployed, or charmcraft when it is uploaded, said when it is built.
 * Source: juju/juju internal/charm, canonical/charmcraft charmcraft/models.
 */
import { z } from 'zod';
import { CharmError, mistakes } from '../errors.ts';
import { Actions, Metadata } from '../metadata.ts';
import { isMapping, type Mapping } from './merge.ts';

const TYPES = ['string', 'int', 'float', 'boolean', 'secret'] as const;

const Option = z.strictObject({
  type: z.enum(TYPES, {
    error: ({ input }) =>
      input === undefined
        ? `is missing: the layers have no option of this name; a new one needs a type, one of ${TYPES.join(', ')}`
        : `is none of ${TYPES.join(', ')}`,
  }),
  description: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
});

/** charmcraft refuses them as names of actions. Those with a capital are none anyway. */
const PYTHON_KEYWORDS: ReadonlySet<string> = new Set(
  (
    'and as assert async await break class continue def del elif else except finally for from global if import in is ' +
    'lambda nonlocal not or pass raise return try while with yield'
  ).split(' '),
);

export interface CharmWords {
  readonly metadata: Metadata;
  readonly actions: Actions;
}

/** @throws CharmError with a line for each thing that Juju would refuse */
export function checkWords(said: { metadata: Mapping; options: Mapping; actions: Mapping }): CharmWords {
  const metadata = Metadata.safeParse(said.metadata);
  const actions = Actions.safeParse(said.actions);
  const found = [
    ...mistakes('metadata.yaml', metadata.error),
    ...(metadata.success ? metadataMistakes(metadata.data) : []),
    ...Object.entries(said.options).flatMap(([name, option]) => optionMistakes(name, option)),
    ...mistakes('actions.yaml', actions.error),
    ...(actions.success ? actionMistakes(actions.data) : []),
  ];
  if (found.length > 0 || !metadata.success || !actions.success) throw new CharmError(found.join('\n'));
  return { metadata: metadata.data, actions: actions.data };
}

function metadataMistakes(metadata: Metadata): string[] {
  const roles = ['provides', 'requires', 'peers'] as const;
  const seen = new Map<string, string>();
  const found: string[] = [];
  for (const role of roles) {
    for (const [name, endpoint] of Object.entries(metadata[role] ?? {})) {
      const where = `metadata.yaml: ${role}.${name}`;
      const other = seen.get(name);
      if (other !== undefined)
        found.push(`${where}: is the name of an endpoint in ${other} too; every endpoint needs its own`);
      seen.set(name, role);
      if (isReserved(name)) found.push(`${where}: names that begin with juju- are Juju's own`);
      const interfaceName = typeof endpoint === 'string' ? endpoint : endpoint.interface;
      if (role !== 'requires' && isReserved(interfaceName)) {
        found.push(`${where}: interfaces that begin with juju- are Juju's own`);
      }
    }
  }
  for (const [name, { filename }] of Object.entries(metadata.resources ?? {})) {
    if (typeof filename !== 'string' || !filename.includes('/')) continue;
    found.push(`metadata.yaml: resources.${name}.filename: ${filename} has a folder in it; a file name alone will do`);
  }
  if (metadata.subordinate === true) {
    found.push('metadata.yaml: subordinate: a charm of this layer owns its machine, so it cannot be a subordinate');
  }
  return found;
}

function optionMistakes(name: string, option: unknown): string[] {
  const where = `config.yaml: ${name}`;
  const parsed = Option.safeParse(option);
  if (!parsed.success) return mistakes(where, parsed.error);
  const { type, default: value } = parsed.data;
  if (value === undefined || value === null || fits(type, value)) return [];
  return [`${where}.default: is ${JSON.stringify(value)}, which is not of the option's type, ${type}`];
}

function fits(type: (typeof TYPES)[number], value: string | number | boolean): boolean {
  if (type === 'boolean') return typeof value === 'boolean';
  if (type === 'int') return Number.isInteger(value);
  if (type === 'float') return typeof value === 'number';
  if (type === 'secret') return typeof value === 'string' && /^secret:[a-z0-9]{20}$/.test(value);
  return typeof value === 'string';
}

function actionMistakes(actions: Actions): string[] {
  return Object.entries(actions).flatMap(([name, action]) => {
    const where = `actions.yaml: ${name}`;
    const params = action.params ?? {};
    return [
      ...(isReserved(name) ? [`${where}: names that begin with juju- are Juju's own`] : []),
      ...(PYTHON_KEYWORDS.has(name) ? [`${where}: is a word of Python, which charmcraft refuses`] : []),
      ...(action.description === undefined ? [`${where}: has no description: what the action does`] : []),
      ...objectsWithoutProperties(params).map(
        (path) => `${where}.params.${path}: an object parameter needs properties`,
      ),
      ...forbiddenKeys(action).map((key) => `${where}: ${key} is not allowed in a parameter's schema`),
    ];
  });
}

function objectsWithoutProperties(params: Mapping, at: readonly string[] = []): string[] {
  return Object.entries(params).flatMap(([name, schema]) => {
    if (!isMapping(schema)) return [];
    const path = [...at, name];
    const inner = isMapping(schema.properties) ? objectsWithoutProperties(schema.properties, path) : [];
    return schema.type === 'object' && !isMapping(schema.properties) ? [path.join('.')] : inner;
  });
}

function forbiddenKeys(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(forbiddenKeys);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(key === '$ref' || key === '$schema' ? [key] : []),
    ...forbiddenKeys(inner),
  ]);
}

function isReserved(name: string): boolean {
  return name === 'juju' || name.startsWith('juju-');
}
