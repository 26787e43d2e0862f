/**
 * Text that fits where it goes. One argument of a process is at most 128 KiB on Linux and has no NUL; what goes to
 * a tool's stdin is read as YAML, which is stricter about characters than JSON.
 */
import { toWellFormed } from '../system/unicode.ts';

/** Bytes of one argument that leave room for its key. */
export const ARGUMENT_LIMIT = 100_000;

const encoder = new TextEncoder();

/** Cuts at `limit` bytes of UTF-8, between two characters, and says that it did. */
export function bounded(text: string, limit: number): string {
  const clean = printable(text);
  if (Buffer.byteLength(clean) <= limit) return clean;
  const [head = ''] = pieces(clean, limit - 3);
  return `${head}…`;
}

/** Splits into parts of at most `limit` bytes, at a line's end where one is near. */
export function pieces(text: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = printable(text);
  while (Buffer.byteLength(rest) > limit) {
    const size = lengthWithin(rest, limit);
    const newline = rest.lastIndexOf('\n', size - 1);
    const end = newline > size / 2 ? newline + 1 : size;
    parts.push(rest.slice(0, end).replace(/\n$/, ''));
    rest = rest.slice(end);
  }
  return [...parts, rest];
}

/** How many UTF-16 units of `text` take at most `limit` bytes, no pair broken. */
function lengthWithin(text: string, limit: number): number {
  const { read } = encoder.encodeInto(text, new Uint8Array(limit));
  return read;
}

/** No process takes a NUL in an argument, and half a surrogate pair is no text. */
function printable(text: string): string {
  return toWellFormed(text).replaceAll('\0', '\u{fffd}');
}

/** Characters that JSON leaves as they are and YAML refuses, folds or skips. */
const NOT_YAML = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** JSON that a YAML reader reads as the same strings. */
export function yamlSafeJson(data: Readonly<Record<string, string>>): string {
  const entries = Object.entries(data).map(([key, value]) => [toWellFormed(key), toWellFormed(value)] as const);
  return JSON.stringify(Object.fromEntries(entries)).replace(
    NOT_YAML,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
