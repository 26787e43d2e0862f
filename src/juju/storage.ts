/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (storage-*) */
import * as v from 'valibot';
import { call, read, type ToolRunner } from './run.ts';

/** Ids of the storage attached to this unit (`data/0`), of all names or of one. @throws HookToolError */
export function storageList(run: ToolRunner, name?: string): string[] {
  return read(run, v.nullable(v.array(v.string())), 'storage-list', name === undefined ? [] : [name]) ?? [];
}

/** Kind (`filesystem`, `block`) and place of a storage. @throws HookToolError */
export function storageGet(run: ToolRunner, id: string): { kind: string; location: string } {
  return read(run, v.object({ kind: v.string(), location: v.string() }), 'storage-get', ['-s', id]);
}

/** Asks for more storage of a declared name. @throws HookToolError */
export function storageAdd(run: ToolRunner, name: string, count = 1): void {
  call(run, 'storage-add', [`${name}=${count}`]);
}
