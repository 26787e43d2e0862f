/**
 * YAML as Juju prints it (gopkg.in/yaml.v2): block style, two blanks of indentation, lists not indented in maps, keys in
 * natural order, long lines folded. js-yaml's writer chooses other styles, and charms that grep would notice.
 */

import { GoFloat, GoNil, GoStruct, GoTime, type GoValue, goFloat, isGoMap } from './go-value.ts';
import { scalar } from './go-yaml-scalar.ts';

/** Without the newline at the end. */
export function goYaml(value: GoValue): string {
  return node(value, 0, 0).replace(/^\n/, '').replace(/\n+$/, '');
}

/** Text of a node that begins at `column`; a block collection begins with a newline and its own indentation. */
function node(value: GoValue, indent: number, column: number): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return scalar(value, indent, column);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof GoTime) return value.time;
  if (value instanceof GoFloat) return goFloat(value.value);
  if (value instanceof GoNil) return value.empty;
  if (value instanceof GoStruct) return mapping(value.fields, indent);
  if (isGoMap(value)) {
    return mapping(
      Object.entries(value).sort(([a], [b]) => naturalOrder(a, b)),
      indent,
    );
  }
  return sequence(value, indent);
}

function mapping(fields: readonly (readonly [string, GoValue])[], indent: number): string {
  if (fields.length === 0) return '{}';
  const pad = ' '.repeat(indent);
  return fields
    .map(([key, item]) => {
      const shown = `${pad}${scalar(key, indent, indent, true)}:`;
      // A list in a map is not indented further.
      const text = node(item, isList(item) ? indent : indent + 2, shown.length + 1);
      return `\n${shown}${text.startsWith('\n') ? text : ` ${text}`}`;
    })
    .join('');
}

function sequence(items: readonly GoValue[], indent: number): string {
  if (items.length === 0) return '[]';
  const pad = ' '.repeat(indent);
  return items
    .map((item) => {
      const text = node(item, indent + 2, indent + 2);
      return `\n${pad}- ${text.startsWith('\n') ? text.slice(1).trimStart() : text}`;
    })
    .join('');
}

function isList(value: GoValue): value is readonly GoValue[] {
  return Array.isArray(value);
}

/** yaml.v2's order of keys: other signs before letters, runs of digits by their number, the rest by code point. */
function naturalOrder(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x = '', y = ''] = [left[i], right[i]];
    if (x === y) continue;
    const [xLetter, yLetter] = [/\p{L}/u.test(x), /\p{L}/u.test(y)];
    if (xLetter !== yLetter) return xLetter ? 1 : -1;
    if (!xLetter) {
      const [m, n] = [digitsFrom(left, i), digitsFrom(right, i)];
      if (m !== n) return m < n ? -1 : 1;
    }
    return (x.codePointAt(0) ?? 0) - (y.codePointAt(0) ?? 0);
  }
  return left.length - right.length;
}

function digitsFrom(chars: readonly string[], start: number): number {
  let number = 0;
  for (let i = start; i < chars.length && /\d/.test(chars[i] ?? ''); i++) number = number * 10 + Number(chars[i]);
  return number;
}
