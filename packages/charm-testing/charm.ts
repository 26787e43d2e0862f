/** What a charm is to a test: its files, and the one function that runs a hook. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import * as z from 'zod/mini';
import type { ToolRunner } from '../../src/juju/index.ts';
import type { Machine } from '../../src/system/index.ts';

/** Everything outside the charm that one hook touches. A real hook has the real ones. */
export interface HookIo {
  /** Runs hook tools. */
  readonly run: ToolRunner;
  readonly machine: Machine;
  /** The whole environment of the hook. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the charm is unpacked, as a path of this host. */
  readonly charmDir: string;
  /** What was started: `hooks/install`, `actions/backup`. */
  readonly script: string;
  /** Takes the lines that go to standard output, which Juju logs as DEBUG. */
  readonly print: (line: string) => void;
}

/** A charm under test. */
export interface Charm {
  readonly meta: CharmMeta;
  /** Folder with the charm's files, as a path of this host; tests never write there. */
  readonly dir: string;
  /** File with flags and data, relative to the charm's folder: `.reactive.json`. */
  readonly store: string;
  /** Runs one hook or action and returns its exit code. What it throws ends the hook as a failure. */
  readonly hook: (io: HookIo) => Promise<number>;
}

const endpoints = z.optional(z.nullable(z.record(z.string(), z.looseObject({ scope: z.optional(z.string()) }))));
const metadata = z.looseObject({
  name: z.string(),
  subordinate: z.optional(z.boolean()),
  provides: endpoints,
  requires: endpoints,
  peers: endpoints,
  storage: z.optional(z.nullable(z.record(z.string(), z.looseObject({ type: z.enum(['filesystem', 'block']) })))),
  resources: z.optional(z.nullable(z.record(z.string(), z.looseObject({ filename: z.optional(z.string()) })))),
  'extra-bindings': z.optional(z.nullable(z.record(z.string(), z.unknown()))),
});

const optionType = z.enum(['string', 'int', 'float', 'boolean', 'secret']);
const option = z.looseObject({
  type: z.optional(optionType),
  default: z.optional(z.nullable(z.union([z.string(), z.number(), z.boolean()]))),
});
const config = z.looseObject({ options: z.optional(z.nullable(z.record(z.string(), option))) });
const parameter = z.looseObject({ type: z.optional(z.string()) });
const action = z.looseObject({
  params: z.optional(z.nullable(z.record(z.string(), parameter))),
  required: z.optional(z.nullable(z.array(z.string()))),
  additionalProperties: z.optional(z.boolean()),
});
const actions = z.record(z.string(), z.nullable(action));

const charmMeta = z.object({
  metadata,
  config: z.optional(z.nullable(config)),
  actions: z.optional(z.nullable(actions)),
});

/** metadata.yaml, config.yaml and actions.yaml, parsed. */
export type CharmMeta = z.infer<typeof charmMeta>;

/**
 * Reads metadata.yaml, config.yaml and actions.yaml of a charm's folder.
 * @throws Error that names the file which is missing or has something that Juju does not take
 */
export function readCharmMeta(dir: string): CharmMeta {
  const parsed = charmMeta.safeParse({
    metadata: yamlFile(join(dir, 'metadata.yaml')),
    config: yamlFile(join(dir, 'config.yaml')),
    actions: yamlFile(join(dir, 'actions.yaml')),
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const [file, ...path] = issue?.path.map(String) ?? [];
  throw new Error(`${join(dir, `${file}.yaml`)}: ${path.join('.') || 'the whole'}: ${issue?.message}`);
}

function yamlFile(path: string): unknown {
  return existsSync(path) ? (load(readFileSync(path, 'utf8')) ?? undefined) : undefined;
}
