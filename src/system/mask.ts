/** Hides secrets in what programs print, in whatever form they print them. */
import { joinedLines, type Reading, readings } from './printed-forms.ts';
import { toWellFormed } from './unicode.ts';

/** What stands in place of a secret. */
export const MASK = '******';

/** Values of one or two characters mask nothing worth it. */
const SHORTEST = 3;
/** Characters of a secret that tell something where a line was cut. */
const TELLING = 4;
/** A line of this many characters may have been cut by the program that printed it. */
const LONG_LINE = 200;

/** Replaces the user-info of every URL in a text: `https://user:pw@host/` becomes `https://******@host/`. */
export function maskUrls(text: string): string {
  // Up to the last @ before the path, as RFC 3986 has it and as careless passwords need it.
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${MASK}@`);
}

/**
 * A function that masks the given values, and the user-info of URLs, in any text. A value is found as it is, escaped as Python,
 * JSON or a shell print it, percent-encoded, in base64, and where a line was cut within it. The values are not asked for before there is something to mask.
 */
export function createMask(secrets: Iterable<string>): (text: string) => string {
  let known: readonly Needle[] | undefined;
  return (text) => {
    if (text === '') return text;
    known ??= [...new Map([...secrets].flatMap(needlesOf).map((needle) => [needle.text, needle])).values()];
    const needles = known;
    return maskUrls(needles.length === 0 ? text : replaced(text, allSpans(text, needles)));
  };
}

/** What is looked for. */
interface Needle {
  readonly text: string;
  /** Characters from its beginning, and from its end, that tell enough to be hidden where a line was cut. */
  readonly head: number;
  readonly tail: number;
  /** The characters beside it hold a part of the secret too. */
  readonly base64: boolean;
}

/** A secret, each line of one that has several, the password in one that is a URL, and all of them in base64. */
function needlesOf(secret: string): Needle[] {
  const lines = secret.split('\n').map((line) => line.trim());
  const plain = [secret, ...lines, ...passwordsIn(secret)].filter((text) => text.length >= SHORTEST);
  return [...plain.map(plainNeedle), ...plain.flatMap(base64Needles)];
}

function plainNeedle(text: string): Needle {
  const telling = text.length < 2 * TELLING ? SHORTEST : TELLING;
  const [scheme = ''] = /^[a-z][a-z0-9+.-]*:\/\//i.exec(text) ?? [];
  const behind = scheme === '' ? -1 : text.lastIndexOf('@');
  return {
    text,
    head: Math.min(text.length, scheme.length + telling),
    tail: Math.min(text.length, (behind < 0 ? 0 : text.length - behind) + telling),
    base64: false,
  };
}

/** The part of a value's base64 that does not depend on what is beside it, for each place that it can begin at. */
function base64Needles(text: string): Needle[] {
  const bytes = Buffer.from(toWellFormed(text));
  return [0, 1, 2].flatMap((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const core = whole.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
    if (core.length < TELLING) return [];
    const telling = Math.min(core.length, 2 * TELLING);
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')].map((each) => ({
      text: each,
      head: telling,
      tail: telling,
      base64: true,
    }));
  });
}

/** Of `scheme://user:password@host`, as it stands and decoded: a library that fails to log in may name it alone. */
function passwordsIn(secret: string): string[] {
  return [...secret.matchAll(/:\/\/[^\s/?#:]*:([^\s/?#"'<>]*)@/g)].flatMap(([, password = '']) => [
    password,
    decodeURIComponentSafe(password),
  ]);
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing
  }
}

function allSpans(text: string, needles: readonly Needle[]): Span[] {
  const all = readings(text);
  const joined = all.map(joinedLines).filter((reading) => reading !== undefined);
  const encoded = needles.filter(({ base64 }) => base64);
  return [
    ...all.flatMap((reading) => spansIn(reading, needles)),
    ...joined.flatMap((reading) => spansIn(reading, encoded)),
  ];
}

/** Where something begins and ends in the printed text. */
type Span = readonly [begin: number, end: number];

function spansIn(reading: Reading, needles: readonly Needle[]): Span[] {
  const { from } = reading;
  return needles.flatMap((needle) =>
    [...headsIn(reading.text, needle), ...tailsIn(reading.text, needle)].map(([begin, end]): Span => {
      const wide = needle.base64 ? widened(reading.text, begin, end) : [begin, end];
      return [from[wide[0] ?? 0] ?? 0, from[wide[1] ?? 0] ?? 0];
    }),
  );
}

/** The whole value, or the beginning of it where the line ends or is cut. */
function headsIn(text: string, needle: Needle): Span[] {
  const spans: Span[] = [];
  const head = needle.text.slice(0, needle.head);
  for (let at = text.indexOf(head); at >= 0; at = text.indexOf(head, at + 1)) {
    let end = at + head.length;
    while (end - at < needle.text.length && text[end] === needle.text[end - at]) end++;
    const whole = end - at === needle.text.length;
    if (whole || (isEnd(text, end) && (tellsEnough(needle, end - at) || isCut(text, end)))) spans.push([at, end]);
  }
  return spans;
}

/** The end of the value where a line begins, or goes on after something left out. */
function tailsIn(text: string, needle: Needle): Span[] {
  const spans: Span[] = [];
  const tail = needle.text.slice(-needle.tail);
  for (let at = text.indexOf(tail); at >= 0; at = text.indexOf(tail, at + 1)) {
    const end = at + tail.length;
    let begin = at;
    while (end - begin < needle.text.length && begin > 0 && text[begin - 1] === needle.text.at(begin - 1 - end))
      begin--;
    if (end - begin === needle.text.length) continue;
    const cut = isBeginning(text, begin);
    if (cut !== undefined && (cut === 'visible' || tellsEnough(needle, end - begin))) spans.push([begin, end]);
  }
  return spans;
}

/** Half of a value tells enough wherever a line ends; less of it is a secret's only where something was cut. */
function tellsEnough(needle: Needle, length: number): boolean {
  return length >= needle.text.length / 2;
}

function isEnd(text: string, at: number): boolean {
  return at === text.length || /^(?:[\r\n\u2026]|\.\.\.)/.test(text.slice(at, at + 3));
}

function isCut(text: string, at: number): boolean {
  if (at < text.length && !/[\r\n]/.test(text.charAt(at))) return true;
  return at - (text.lastIndexOf('\n', at - 1) + 1) >= LONG_LINE;
}

/** An escape may have been cut, too: what is left of it stands before the rest of the value. */
function isBeginning(text: string, at: number): 'visible' | 'line' | undefined {
  const before = text.slice(Math.max(0, at - 12), at);
  const [, mark] = /(^|[\r\n\u2026]|\.\.\.)(?:[^\r\n\u2026]|[\\xuU{}%0-9a-fA-F]{0,9})$/.exec(before) ?? [];
  if (mark === undefined || (mark === '' && at > 12)) return undefined;
  return mark === '' || /[\r\n]/.test(mark) ? 'line' : 'visible';
}

function widened(text: string, begin: number, end: number): Span {
  const before = /[A-Za-z0-9+/_-]$/.test(text.slice(Math.max(0, begin - 1), begin)) ? 1 : 0;
  const [after = ''] = /^[A-Za-z0-9+/_-]?={0,2}/.exec(text.slice(end, end + 3)) ?? [];
  return [begin - before, end + after.length];
}

/** The text with a mask for each span; those that overlap have one. */
function replaced(text: string, spans: readonly Span[]): string {
  const sorted = spans.filter(([begin, end]) => begin < end).sort(([a], [b]) => a - b);
  const parts: string[] = [];
  let done = 0;
  let open: Span | undefined;
  const close = (): void => {
    if (open === undefined) return;
    parts.push(text.slice(done, open[0]), MASK);
    done = open[1];
  };
  for (const span of sorted) {
    if (open !== undefined && span[0] < open[1]) {
      open = [open[0], Math.max(open[1], span[1])];
    } else {
      close();
      open = span;
    }
  }
  close();
  return parts.join('') + text.slice(done);
}
