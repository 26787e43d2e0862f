/** Tables as Juju prints them: columns two blanks apart, no lines. */

import Table from 'cli-table3';

const CHARS = [
  'top',
  'top-mid',
  'top-left',
  'top-right',
  'bottom',
  'bottom-mid',
  'bottom-left',
  'bottom-right',
  'left',
  'left-mid',
  'mid',
  'mid-mid',
  'right',
  'right-mid',
  'middle',
] as const;

/** @param right numbers of the columns that are aligned to the right */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  const blank = Object.fromEntries(CHARS.map((name) => [name, '']));
  const shown = new Table({
    chars: blank,
    style: { 'padding-left': 0, 'padding-right': 2, head: [], border: [] },
    colAligns: head.map((_, i) => (right.includes(i) ? 'right' : 'left')),
  });
  // A cell is one line: newlines of a message would break the table.
  shown.push([...head], ...rows.map((row) => row.map((cell) => cell.replaceAll('\n', ' '))));
  return shown
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
