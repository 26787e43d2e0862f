/** `key=value` arguments and `--file` of relation-set, state-set and leader-set. */

import { FAILSAFE_SCHEMA, load, nullCoreTag, Schema } from 'js-yaml';
import * as z from 'zod/mini';
import { type Invocation, ToolError } from './tool.ts';

/** Blanks around key and value are cut; the key is all before the first `=`. @throws ToolError 2 */
export function keyValues(args: readonly string[]): Map<string, string> {
  const settings = new Map<string, string>();
  for (const arg of args) {
    const equals = arg.indexOf('=');
    const key = arg.slice(0, Math.max(equals, 0)).trim();
    if (key === '') throw new ToolError(2, `expected "key=value", got ${JSON.stringify(arg)}`);
    if (settings.has(key)) throw new ToolError(2, `key ${JSON.stringify(key)} specified more than once`);
    settings.set(key, arg.slice(equals + 1).trim());
  }
  return settings;
}

/** Settings of the file, with those of the command line over them. @throws ToolError 1 */
export function withFile(run: Invocation, path: string, settings: Map<string, string>): Map<string, string> {
  if (path === '') return settings;
  return new Map([...yamlSettings(path === '-' ? (run.call.stdin ?? '') : readFile(run, path)), ...settings]);
}

export function readFile(run: Invocation, path: string): string {
  try {
    if (run.call.readFile === undefined) throw new Error('no such file or directory');
    return run.call.readFile(path);
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file or directory' : error;
    throw new ToolError(1, `open ${path}: ${why instanceof Error ? why.message : String(why)}`);
  }
}

/** Numbers and booleans stay as they are written; only a plain null is none, and `"null"` is a word. */
const TEXTS = new Schema([...FAILSAFE_SCHEMA.tags, nullCoreTag]);

const Settings = z.nullish(z.record(z.string(), z.unknown()));

/** Scalars are taken as they are written, numbers and booleans too. @throws ToolError 1 for anything but a flat map */
export function yamlSettings(text: string): Map<string, string> {
  const parsed = Settings.safeParse(parseYaml(text));
  if (!parsed.success)
    throw new ToolError(1, 'yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into map[string]string');
  const settings = new Map<string, string>();
  for (const [key, value] of Object.entries(parsed.data ?? {})) {
    if (typeof value === 'object' && value !== null) {
      const tag = Array.isArray(value) ? '!!seq' : '!!map';
      throw new ToolError(
        1,
        `yaml: unmarshal errors:\n  line ${lineOf(text, key)}: cannot unmarshal ${tag} into string`,
      );
    }
    settings.set(key, value === null ? '' : String(value));
  }
  return settings;
}

function parseYaml(text: string): unknown {
  try {
    return load(text, { schema: TEXTS });
  } catch (error) {
    const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new ToolError(1, `yaml: ${first}`);
  }
}

/** Where the value of a top-level key begins: on its line, or on the next one. */
function lineOf(text: string, key: string): number {
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.replace(/^(['"])(.*?)\1/, '$2').startsWith(`${key}:`));
  const opens = /:\s*$/.test(lines[at] ?? '');
  return at + (opens ? 2 : 1);
}
