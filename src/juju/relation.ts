/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (relation-*) */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { call, read, type ToolRunner } from './run.ts';
import { yamlSafeJson } from './text.ts';
import type { Databag, RelationId, UnitName } from './types.ts';

const names = v.nullable(v.array(v.string()));
const databag = v.nullable(record(v.string()));

/**
 * Ids of the relations of an endpoint, in string order; none for an endpoint that Juju does not know.
 * @throws HookToolError
 */
export function relationIds(run: ToolRunner, endpoint: string): RelationId[] {
  return read(run, names, 'relation-ids', [endpoint]) ?? [];
}

/**
 * Remote units that have joined and not departed; none in relation-broken.
 * @throws HookToolError, with code 2 when the relation is gone
 */
export function relationList(run: ToolRunner, id: RelationId): UnitName[] {
  return read(run, names, 'relation-list', ['-r', id]) ?? [];
}

/**
 * Name of the remote application, which answers in relation-broken too.
 * @throws HookToolError, with code 2 when the relation is gone
 */
export function relationListApp(run: ToolRunner, id: RelationId): string {
  return read(run, v.string(), 'relation-list', ['-r', id, '--app']);
}

/**
 * The databag of a unit (`postgresql/0`), or of an application (`postgresql`).
 * @throws HookToolError, with code 2 when the relation is gone and 1 when the unit is
 */
export function relationGet(run: ToolRunner, id: RelationId, entity: string): Databag {
  const app = entity.includes('/') ? [] : ['--app'];
  return read(run, databag, 'relation-get', ['-r', id, ...app, '-', entity]) ?? {};
}

/**
 * Writes keys of the own unit's databag, or the own application's; `''` deletes a key. Kept if the hook succeeds.
 * @throws HookToolError, with code 1 when the application's bag is written by a unit that is not the leader
 */
export function relationSet(run: ToolRunner, id: RelationId, data: Databag, options: { app?: boolean } = {}): void {
  const app = options.app === true ? ['--app'] : [];
  call(run, 'relation-set', ['-r', id, ...app, '--file', '-'], {
    input: yamlSafeJson(data),
    secrets: Object.values(data),
  });
}

/**
 * The UUID of the model at the other side.
 * @throws HookToolError
 */
export function relationModelGet(run: ToolRunner, id: RelationId): { uuid: string } {
  return read(run, v.object({ uuid: v.string() }), 'relation-model-get', ['-r', id]);
}
