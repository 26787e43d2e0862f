/** What a text says once the escapes are undone that programs print values with, and where in the text each character of it stands. */

/** A text as it reads with its escapes undone. */
export interface Reading {
  readonly text: string;
  /** Where each character of it begins in the printed text, and where the last one ends. */
  readonly from: readonly number[];
}

const HEX = '[0-9a-fA-F]';
/** A line ends here, or a program left something out. */
const CUT = '(?=$|[\\r\\n\u2026]|\\.\\.\\.)';

/** Escapes of Python, JSON, JavaScript and Bash; at a cut also the first part of one. Any other character stands for itself. */
const BACKSLASH = new RegExp(
  [
    `\\\\x(${HEX}{2})`,
    `\\\\u(${HEX}{4})`,
    `\\\\U(${HEX}{8})`,
    `\\\\u\\{(${HEX}{1,6})\\}`,
    `\\\\([0-3][0-7]{2})`,
    `\\\\(?:x${HEX}?|[uU]\\{?${HEX}{0,7}|[0-3]?[0-7]?|)${CUT}`,
    `\\\\([^])`,
  ].join('|'),
  'g',
);
/** The second half of an escape, where a line begins or something was left out before it. */
const HALVED = /(?<=^|[\r\n\u2026]|\.\.\.)\\(?=\\)/g;
const SHORT: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  v: '\v',
  a: '\x07',
  e: '\x1b',
  E: '\x1b',
  0: '\0',
};

function unescaped(match: RegExpMatchArray): string {
  const [, x, u, capitalU, braced, octal, other] = match;
  const hex = x ?? u ?? capitalU ?? braced;
  const code =
    hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : undefined;
  if (code !== undefined) return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
  return other === undefined ? '' : (SHORT[other] ?? other);
}

const CUT_HERE = /^(?:$|[\r\n\u2026]|\.\.\.)/;

/** Between which quotes of a shell a character stands. */
type Quotes = '' | "'" | '"';

/**
 * With the quotes of a shell undone. Where the text begins is not known, so it is read from within either quotes and from outside:
 * a quote leads from three states to three states, and one of the three readings is right wherever a word begins.
 */
function unquoted(reading: Reading): Reading[] {
  if (!/['"]/.test(reading.text)) return [];
  return (['', "'", '"'] as const).map((quotes) => unquotedFrom(reading, quotes));
}

function unquotedFrom({ text, from }: Reading, begin: Quotes): Reading {
  let quotes: Quotes = begin;
  const characters: string[] = [];
  const places: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (quotes === '' && (character === "'" || character === '"')) quotes = character;
    else if (quotes !== '' && character === quotes) quotes = '';
    else {
      const place = from[at] ?? 0;
      if (character === '\\' && isEscape(quotes, text.charAt(at + 1))) {
        // The first half of an escape says nothing.
        if (CUT_HERE.test(text.slice(at + 1, at + 4))) continue;
        at++;
      }
      places.push(place);
      characters.push(text.charAt(at));
    }
  }
  return { text: characters.join(''), from: [...places, from[text.length] ?? 0] };
}

/** Whether a backslash takes away the meaning of what follows it. */
function isEscape(quotes: Quotes, next: string): boolean {
  if (quotes === '') return true;
  return quotes === '"' && /["\\$`]/.test(next);
}

/** One character of UTF-8, percent-encoded; at a cut also the first part of one. */
const NEXT = `%[89abAB]${HEX}`;
const PERCENT = new RegExp(
  [
    `%[0-7]${HEX}`,
    `%[cdCD]${HEX}${NEXT}`,
    `%[eE]${HEX}(?:${NEXT}){2}`,
    `%[fF][0-7](?:${NEXT}){3}`,
    `(?:%[c-fC-F]${HEX}(?:${NEXT}){0,2})?(?:%${HEX}?)?${CUT}`,
  ].join('|'),
  'g',
);

function percentDecoded([match]: RegExpMatchArray): string {
  const bytes = Buffer.from(match.replaceAll('%', ''), 'hex');
  const text = bytes.toString();
  return match.length % 3 === 0 && !text.includes('\ufffd') ? text : '';
}

/** A character of UTF-8 whose bytes were printed one by one, as Python's bytes are; at a cut also the first of them. */
const BYTES = new RegExp(
  `[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[\xc2-\xf4][\x80-\xbf]{0,2}${CUT}`,
  'g',
);

/**
 * All that a text may say: as it is; with one, two and three layers of backslashes undone (JSON in a log line in JSON); with
 * shell quotes and with percent signs undone.
 */
export function readings(printed: string): Reading[] {
  const raw: Reading = { text: printed, from: Array.from({ length: printed.length + 1 }, (_, index) => index) };
  const once = decoded(raw, BACKSLASH, unescaped);
  const twice = once && decoded(once, BACKSLASH, unescaped);
  const thrice = twice && decoded(twice, BACKSLASH, unescaped);
  const halved = decoded(raw, HALVED, () => '');
  const halvedOnce = halved && decoded(halved, BACKSLASH, unescaped);
  const words = [raw, once, twice].flatMap((one) => (one === undefined ? [] : unquoted(one)));
  const bytes = [once, twice, thrice].map((one) => one && decoded(one, BYTES, ([match]) => fromBytes(match)));
  const percent = decoded(raw, PERCENT, percentDecoded);
  const percentTwice = percent && decoded(percent, PERCENT, percentDecoded);
  const percentOnce = once && decoded(once, PERCENT, percentDecoded);
  // In a query or a form, a space is a plus sign; one that is meant is percent-encoded, and so has to be decoded later.
  const form = decoded(raw, /\+/g, () => ' ');
  const formDecoded = form && decoded(form, PERCENT, percentDecoded);
  return [
    raw,
    ...[
      once,
      twice,
      thrice,
      halvedOnce,
      ...words,
      ...bytes,
      percent,
      percentTwice,
      percentOnce,
      form,
      formDecoded,
    ].filter((one) => one !== undefined),
  ];
}

/** Its lines joined, as base64 is broken into lines. */
export function joinedLines(reading: Reading): Reading | undefined {
  return decoded(reading, /[\r\n]+[ \t]*/g, () => '');
}

function fromBytes(match: string): string {
  const text = Buffer.from(match, 'latin1').toString();
  return text.includes('\ufffd') ? '' : text;
}

/** Undefined where there is nothing to undo. */
function decoded(reading: Reading, pattern: RegExp, undo: (match: RegExpMatchArray) => string): Reading | undefined {
  const parts: string[] = [];
  const from: number[] = [];
  let done = 0;
  const place = (index: number): number => reading.from[index] ?? 0;
  for (const match of reading.text.matchAll(pattern)) {
    if (match[0] === '') continue;
    parts.push(reading.text.slice(done, match.index));
    for (let index = done; index < match.index; index++) from.push(place(index));
    const text = undo(match);
    parts.push(text);
    for (let index = 0; index < text.length; index++) from.push(place(match.index));
    done = match.index + match[0].length;
  }
  if (done === 0) return undefined;
  parts.push(reading.text.slice(done));
  for (let index = done; index <= reading.text.length; index++) from.push(place(index));
  return { text: parts.join(''), from };
}
