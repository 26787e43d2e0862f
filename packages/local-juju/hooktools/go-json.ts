/** JSON as Go's encoding/json writes it: no spaces, map keys in byte order, `<`, `>`, `&` and line separators escaped. */

import { GoFloat, GoNil, GoStruct, GoTime, type GoValue } from './go-value.ts';

export function goJson(value: GoValue): string {
  if (value === null || value instanceof GoNil) return 'null';
  if (typeof value === 'string') return goJsonString(value);
  if (typeof value === 'number' || typeof value === 'boolean') return JSON.stringify(value);
  if (value instanceof GoTime) return goJsonString(value.time);
  if (value instanceof GoFloat) return JSON.stringify(value.value);
  if (value instanceof GoStruct) return object(value.fields);
  if (isList(value)) return `[${value.map(goJson).join(',')}]`;
  return object(Object.entries(value).sort(([a], [b]) => byteOrder(a, b)));
}

function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

function object(fields: readonly (readonly [string, GoValue])[]): string {
  return `{${fields.map(([key, item]) => `${goJsonString(key)}:${goJson(item)}`).join(',')}}`;
}

const ESCAPED = /[<>&\u2028\u2029\u007f]/g;

function goJsonString(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (char) =>
    char === '\u007f' ? char : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Go compares strings by their UTF-8 bytes, which is the order of code points. */
export function byteOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
