/** What a charm says of itself: metadata.yaml, config.yaml and actions.yaml of an unpacked charm. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, YAML11_SCHEMA } from 'js-yaml';
import * as z from 'zod';
import type { OptionType } from '../hooktools/world.ts';
import { LocalError } from './local-error.ts';

export interface Endpoint {
  readonly name: string;
  readonly role: 'provider' | 'requirer' | 'peer';
  readonly interface: string;
  readonly scope: 'global' | 'container';
  readonly limit?: number | undefined;
}

export interface Option {
  readonly type: OptionType;
  readonly default?: string | number | boolean | undefined;
  readonly description: string;
}

export interface ActionSpec {
  readonly description: string;
  /** JSON schema of the parameters. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface ResourceSpec {
  readonly type: string;
  readonly filename: string;
  readonly description: string;
}

export interface Charm {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly subordinate: boolean;
  /** `juju-info` too. */
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly options: Readonly<Record<string, Option>>;
  readonly actions: Readonly<Record<string, ActionSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}

const Ends = z.nullish(
  z.record(
    z.string(),
    z.object({
      interface: z.string(),
      scope: z.optional(z.enum(['global', 'container'])),
      limit: z.nullish(z.number()),
    }),
  ),
);

const Metadata = z.object({
  name: z.string(),
  summary: z.optional(z.string()),
  description: z.optional(z.string()),
  subordinate: z.optional(z.boolean()),
  provides: Ends,
  requires: Ends,
  peers: Ends,
  resources: z.nullish(
    z.record(
      z.string(),
      z.object({
        type: z.optional(z.string()),
        filename: z.optional(z.string()),
        description: z.optional(z.string()),
      }),
    ),
  ),
});

const Config = z.nullish(
  z.object({
    options: z.nullish(
      z.record(
        z.string(),
        z.object({
          type: z.optional(z.enum(['string', 'int', 'float', 'boolean', 'secret'])),
          default: z.nullish(z.union([z.string(), z.number(), z.boolean()])),
          description: z.nullish(z.string()),
        }),
      ),
    ),
  }),
);

const Actions = z.nullish(
  z.record(
    z.string(),
    z.nullish(
      z.looseObject({ description: z.optional(z.string()), params: z.nullish(z.record(z.string(), z.unknown())) }),
    ),
  ),
);

/** @throws LocalError that names the file and what is wrong in it */
export function readCharm(dir: string): Charm {
  const metadata = readYaml(dir, 'metadata.yaml', Metadata, true);
  if (metadata === undefined) throw new LocalError(`no metadata.yaml in ${dir}: is it a charm?`);
  const config = readYaml(dir, 'config.yaml', Config);
  const actions = readYaml(dir, 'actions.yaml', Actions);
  return {
    name: metadata.name,
    summary: metadata.summary ?? '',
    description: metadata.description ?? '',
    subordinate: metadata.subordinate ?? false,
    endpoints: Object.fromEntries(
      [
        ...endpoints('provider', metadata.provides),
        ...endpoints('requirer', metadata.requires),
        ...endpoints('peer', metadata.peers),
        { name: 'juju-info', role: 'provider', interface: 'juju-info', scope: 'global' } satisfies Endpoint,
      ].map((endpoint) => [endpoint.name, endpoint]),
    ),
    options: Object.fromEntries(
      Object.entries(config?.options ?? {}).map(([name, { type, description, default: initial }]) => [
        name,
        { type: type ?? 'string', default: initial ?? undefined, description: description ?? '' },
      ]),
    ),
    actions: Object.fromEntries(Object.entries(actions ?? {}).map(([name, spec]) => [name, action(spec ?? {})])),
    resources: Object.fromEntries(
      Object.entries(metadata.resources ?? {}).map(([name, spec]) => [
        name,
        { type: spec.type ?? 'file', filename: spec.filename ?? '', description: spec.description ?? '' },
      ]),
    ),
  };
}

function endpoints(role: Endpoint['role'], ends: z.infer<typeof Ends>): Endpoint[] {
  return Object.entries(ends ?? {}).map(([name, end]) => ({
    name,
    role,
    interface: end.interface,
    scope: end.scope ?? 'global',
    limit: end.limit ?? undefined,
  }));
}

/** Everything but the description and Juju's own keys is JSON schema; `params` are its properties. */
function action(spec: { readonly [key: string]: unknown }): ActionSpec {
  const { description, params, parallel: _parallel, 'execution-group': _group, ...rest } = spec;
  return {
    description: typeof description === 'string' ? description : 'No description',
    schema: { type: 'object', ...rest, properties: params ?? {} },
  };
}

function readYaml<T>(dir: string, file: string, schema: z.ZodType<T>, needed = false): T | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, file), 'utf8');
  } catch {
    if (needed) throw new LocalError(`no ${file} in ${dir}: is it a charm?`);
    return undefined;
  }
  let value: unknown;
  try {
    // Juju reads YAML 1.1: `default: yes` is a true.
    value = load(text, { schema: YAML11_SCHEMA });
  } catch (error) {
    throw new LocalError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new LocalError(`${file}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const LIFECYCLE = [
  'install start config-changed upgrade-charm stop remove update-status leader-elected leader-settings-changed',
  'leader-deposed collect-metrics meter-status-changed pre-series-upgrade post-series-upgrade',
  'secret-changed secret-expired secret-remove secret-rotate',
].flatMap((names) => names.split(' '));

/** Hooks that the charm may have: of the unit's life, and of its endpoints. */
export function hookNames(charm: Charm): Set<string> {
  const steps = ['created', 'joined', 'changed', 'departed', 'broken'];
  const ofEndpoints = Object.keys(charm.endpoints).flatMap((name) => steps.map((step) => `${name}-relation-${step}`));
  return new Set([...LIFECYCLE, ...ofEndpoints]);
}
