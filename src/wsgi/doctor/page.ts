/** A section of the page as text that a terminal of 80 columns and YAML both show as it is. */

/** Columns that are left beside the indentation of YAML. */
const WIDTH = 76;
/** Characters of a line that are shown. */
const LONGEST = 600;

/** Without what YAML would have to escape, and with lines broken at a word where there is one. */
export function readable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours of a terminal begin with one
  const plain = text.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '').replaceAll('\t', '    ');
  return plain
    .split(/\r?\n/)
    .map((line) => line.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').trimEnd())
    .filter((line) => line !== '')
    .flatMap((line) => broken(line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line))
    .join('\n');
}

/** What goes on in the next line stands two columns further in. */
function broken(line: string): string[] {
  const indent = `${/^ */.exec(line)?.[0] ?? ''}  `.slice(0, WIDTH / 2);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > WIDTH) {
    const room = rest.slice(0, WIDTH + 1);
    const space = room.lastIndexOf(' ');
    const end = space > WIDTH / 2 ? space : WIDTH;
    lines.push(rest.slice(0, end).trimEnd());
    rest = `${indent}${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest];
}

/** `3 min ago`, `2 d ago` */
export function ago(moment: Date, now: Date = new Date()): string {
  const seconds = Math.max(0, Math.round((now.getTime() - moment.getTime()) / 1000));
  const units = [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
  ] as const;
  const found = units.find(([, size]) => seconds >= size);
  return found === undefined ? `${seconds} s ago` : `${Math.floor(seconds / found[1])} ${found[0]} ago`;
}

/** Bytes as a person reads them: `1.5 GiB`. */
export function size(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * step);
  return `${value < 10 && step > 0 ? value.toFixed(1) : value.toFixed(0)} ${units[step]}`;
}
