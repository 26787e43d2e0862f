/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/config-get/ */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { read, type ToolRunner } from './run.ts';
import type { Config, ConfigValue } from './types.ts';

const configValue = v.union([v.string(), v.number(), v.boolean()]);

/**
 * All options of the application that have a value or a default.
 * @throws HookToolError
 */
export function configGet(run: ToolRunner): Config {
  const all = read(run, v.nullable(record(v.nullable(configValue))), 'config-get') ?? {};
  const present = Object.entries(all).filter((entry): entry is [string, ConfigValue] => entry[1] !== null);
  return Object.fromEntries(present);
}
