/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/config-get/ */
import * as z from 'zod/mini';
import { read, type ToolRunner } from './run.ts';
import type { Config, ConfigValue } from './types.ts';

const configValue = z.union([z.string(), z.number(), z.boolean()]);

/**
 * All options of the application that have a value or a default.
 * @throws HookToolError
 */
export function configGet(run: ToolRunner): Config {
  const all = read(run, z.nullable(z.record(z.string(), z.nullable(configValue))), 'config-get') ?? {};
  const present = Object.entries(all).filter((entry): entry is [string, ConfigValue] => entry[1] !== null);
  return Object.fromEntries(present);
}
