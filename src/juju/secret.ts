/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (secret-*); Juju 3.0 and later */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { call, read, type ToolRunner } from './run.ts';
import type { Databag, RelationId, SecretSettings, UnitName } from './types.ts';

/**
 * Content of a secret: the revision that this unit follows, or the newest, followed from now on (`refresh`) or not (`peek`).
 * @throws HookToolError, `missing` on Juju 2.9
 */
export function secretGet(
  run: ToolRunner,
  uri: string,
  options: { readonly refresh?: boolean; readonly peek?: boolean; readonly label?: string } = {},
): Databag {
  const revision = options.refresh === true ? ['--refresh'] : options.peek === true ? ['--peek'] : [];
  const label = options.label === undefined ? [] : ['--label', options.label];
  return read(run, record(v.string()), 'secret-get', [uri, ...label, ...revision]);
}

/** Makes a secret, if the hook succeeds, and returns its URI. @throws HookToolError */
export function secretAdd(run: ToolRunner, content: Databag, settings: SecretSettings = {}): string {
  return withContent(content, (args) =>
    call(run, 'secret-add', [...settingsArgs(settings), ...args], { secrets: Object.values(content) }).trim(),
  );
}

/** Gives a secret a new revision, or other settings, if the hook succeeds. @throws HookToolError */
export function secretSet(run: ToolRunner, uri: string, content: Databag, settings: SecretSettings = {}): void {
  withContent(content, (args) =>
    call(run, 'secret-set', [...settingsArgs(settings), uri, ...args], { secrets: Object.values(content) }),
  );
}

/** Removes a secret, or one revision of it, if the hook succeeds. @throws HookToolError */
export function secretRemove(run: ToolRunner, uri: string, revision?: number): void {
  call(run, 'secret-remove', [uri, ...(revision === undefined ? [] : ['--revision', String(revision)])]);
}

/** Lets the application, or one unit, at the other side of a relation read a secret. @throws HookToolError */
export function secretGrant(run: ToolRunner, uri: string, id: RelationId, unit?: UnitName): void {
  call(run, 'secret-grant', ['--relation', id, ...(unit === undefined ? [] : ['--unit', unit]), uri]);
}

/** Takes back what {@link secretGrant} gave. @throws HookToolError */
export function secretRevoke(run: ToolRunner, uri: string, id: RelationId, unit?: UnitName): void {
  call(run, 'secret-revoke', ['--relation', id, ...(unit === undefined ? [] : ['--unit', unit]), uri]);
}

/** Ids of the secrets that this unit, or its application, owns. @throws HookToolError */
export function secretIds(run: ToolRunner): string[] {
  return read(run, v.nullable(v.array(v.string())), 'secret-ids') ?? [];
}

const secretInfo = v.object({
  revision: v.number(),
  label: v.optional(v.string()),
  owner: v.optional(v.string()),
  description: v.optional(v.string()),
  rotation: v.optional(v.string()),
});

/** What is known of an own secret beside its content, by its id. @throws HookToolError */
export function secretInfoGet(run: ToolRunner, uri: string): Record<string, v.InferOutput<typeof secretInfo>> {
  return read(run, record(secretInfo), 'secret-info-get', [uri]);
}

function settingsArgs(settings: SecretSettings): string[] {
  return (['label', 'description', 'expire', 'rotate', 'owner'] as const).flatMap((name) => {
    const value = settings[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
}

/** Content goes by files that only root reads, and only while the tool runs: arguments are in every process list. */
function withContent<Result>(content: Databag, use: (args: string[]) => Result): Result {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  try {
    const args = Object.entries(content).map(([key, value], index) => {
      const file = join(folder, String(index));
      writeFileSync(file, value, { mode: 0o600 });
      return `${key}#file=${file}`;
    });
    return use(args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
