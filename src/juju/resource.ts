/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/resource-get/ */
import { call, type ToolRunner } from './run.ts';

/**
 * Path of a resource; it is downloaded first, however long that takes, when its content is new.
 * @throws HookToolError when it is not declared, or cannot be had
 */
export function resourceGet(run: ToolRunner, name: string): string {
  return call(run, 'resource-get', [name]).trim();
}
