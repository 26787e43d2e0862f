import { StoreError } from './errors.ts';
import { isObject, type JsonObject } from './json.ts';
import type { Flag, Json } from './types.ts';

/** Of the file's format; a step of {@link migrations} leads from each older one to the next. */
const version = 1;

/** From version N (its index + 1) to N + 1. */
const migrations: readonly ((document: JsonObject) => JsonObject)[] = [];

/** What a file says, or why it says nothing. */
export type Parsed =
  | {
      readonly damage?: undefined;
      readonly flags: readonly (readonly [Flag, Json])[];
      readonly data: readonly (readonly [string, Json])[];
      readonly remarks: readonly string[];
    }
  | { readonly damage: string };

/**
 * Reads the text of a store. Never throws for a damaged one.
 *
 * @throws StoreError when a newer version of the format is found.
 */
export function parse(text: string, path: string, steps = migrations): Parsed {
  const document = readObject(text);
  if (document === undefined) return { damage: text.trim() === '' ? 'it is empty' : 'it is not a JSON object' };
  const found = document.version;
  if (typeof found !== 'number' || !Number.isInteger(found) || found < 1) return { damage: 'it has no version' };
  const current = steps.length + 1;
  if (found > current) {
    throw new StoreError(
      path,
      `${path}: the charm's state was written by a newer revision of the charm (format ${found}, this one knows ${current}); refresh to that revision or a later one`,
      { newer: true },
    );
  }
  const migrated = steps.slice(found - 1).reduce((old, step) => step(old), document);
  const { flags, data } = migrated;
  if (!isObject(flags) || !isObject(data)) return { damage: 'its flags or data are not a JSON object' };
  const remarks = found < current ? [`${path}: migrated from format ${found} to ${current}`] : [];
  return { flags: Object.entries(flags), data: Object.entries(data), remarks };
}

/** The text of a store: one flag or datum a line, sorted, so that a person can read it and two can be compared. */
export function serialize(flags: ReadonlyMap<Flag, Json>, data: ReadonlyMap<string, Json>): string {
  return `{\n"version": ${version},\n"flags": ${members(flags)},\n"data": ${members(data)}\n}\n`;
}

function members(map: ReadonlyMap<string, Json>): string {
  if (map.size === 0) return '{}';
  const lines = [...map.keys()].sort().map((key) => `${JSON.stringify(key)}: ${JSON.stringify(map.get(key))}`);
  return `{\n${lines.join(',\n')}\n}`;
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
