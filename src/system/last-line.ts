import { stripVTControlCharacters } from 'node:util';

/** Lines that end an output without saying anything. */
const SILENT =
  /^(?:\s*$|\[notice\]|WARNING: Running pip as|note: This error originates|hint: |E: Sub-process .* returned an error code|make(?:\[\d+\])?: \*\*\* .*Error \d+$)/;
/** Lines that tell what failed, the most telling kind first. */
const TELLING = [
  /^ERROR: (?!Could not install packages due to an OSError$|No matching distribution)/,
  /^ERROR: /,
  /^E: /,
  /^dpkg: error/,
];

/** Length that a status line can carry. */
const LONGEST = 300;

/**
 * The one line of a program's output that tells what went wrong: the last `ERROR:` of pip, the last `E:` of apt, the
 * exception at the end of a traceback, else the last line that says anything. Empty for an empty output.
 */
export function lastLine(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const worthReading = lines.filter((line) => !SILENT.test(line));
  for (const kind of TELLING) {
    const found = worthReading.findLast((line) => kind.test(line));
    if (found !== undefined) return shorten(found);
  }
  return shorten(worthReading.at(-1) ?? lines.at(-1) ?? '');
}

function shorten(line: string): string {
  const plain = stripVTControlCharacters(line)
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}
