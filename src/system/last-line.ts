import { stripVTControlCharacters } from 'node:util';

/** Lines that end an output without saying anything. */
const SILENT =
  /^(?:\s*$|\[notice\]|WARNING: Running pip as|note: This error originates|hint: |E: Sub-process .* returned an error code|make(?:\[\d+\])?: \*\*\* .*Error \d+$|Type '.*' for usage\.?$|Try '.*' for help\.?$|Usage: )/;
/** Lines that tell what failed, the most telling kind first. */
const TELLING = [
  /^ERROR: (?!Could not install packages due to an OSError$|No matching distribution)/,
  /^ERROR: /,
  /^E: /,
  /^dpkg: error/,
];

/** The last line of a Python traceback: an exception's name, and what it says. */
const EXCEPTION = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Warning|NotFound|Configured)\b/;
/** How a process ends, and not why. */
const END = /^(?:gunicorn\.errors\.HaltServer|SystemExit|subprocess\.CalledProcessError)\b/;

/** Length that a status line can carry. */
const LONGEST = 300;

/**
 * The one line of a program's output that tells what went wrong: the last `ERROR:` of pip, the last `E:` of apt, the
 * exception at the end of a traceback, else the last line that says anything. Empty for an empty output.
 */
export function lastLine(output: string): string {
  const lines = output
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
  const worthReading = lines.filter((line) => !SILENT.test(line.trim()));
  for (const kind of TELLING) {
    const found = worthReading.findLast((line) => kind.test(line.trim()));
    if (found !== undefined) return shorten(found);
  }
  return shorten(lastException(lines, 'traceback') ?? worthReading.at(-1) ?? lines.at(-1) ?? '');
}

/**
 * The exception that the last of the tracebacks among these lines ends with, whatever it is called; without one the last line
 * that looks like an exception, unless only a traceback is asked for. Undefined where there is none.
 */
export function lastException(lines: readonly string[], only?: 'traceback'): string | undefined {
  const ends = lines.flatMap((line, index) => {
    if (!line.startsWith('Traceback (most recent call last)')) return [];
    const end = lines.slice(index + 1).find((each) => /^\S/.test(each));
    return end === undefined || END.test(end) || !/^[A-Za-z_][\w.]*(?::|$)/.test(end) ? [] : [end];
  });
  const named = only === undefined ? lines.findLast((line) => EXCEPTION.test(line) && !END.test(line)) : undefined;
  // A later line that is no part of a traceback may be the one that counts, as in a log that names exceptions.
  return named !== undefined && lines.lastIndexOf(named) > lines.lastIndexOf(ends.at(-1) ?? '') ? named : ends.at(-1);
}

function shorten(line: string): string {
  const plain = stripVTControlCharacters(line)
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST - 1)}…` : plain;
}
