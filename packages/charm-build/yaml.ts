import { readFile } from 'node:fs/promises';
import { dump, load } from 'js-yaml';
import type { z } from 'zod';
import { CharmError, mistakes } from './errors.ts';

/**
 * Reads a YAML file by a schema; an absent file is undefined, which the schema may allow.
 *
 * @throws CharmError with a line for each mistake
 */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(parse(await textOf(file), file));
  if (result.success) return result.data;
  throw new CharmError(mistakes(file, result.error).join('\n'));
}

/** YAML for a file that Juju and people read: no anchors, long lines kept whole. */
export function toYaml(data: unknown): string {
  return dump(data, { noRefs: true, lineWidth: -1 });
}

function parse(source: string | undefined, file: string): unknown {
  if (source === undefined) return undefined;
  try {
    return load(source, { filename: file }) ?? {};
  } catch (error) {
    throw new CharmError(`${file} is not YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
