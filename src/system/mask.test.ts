import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMask, maskUrls } from './mask.ts';

test.each([
  ['https://user:pw@host/path', 'https://******@host/path'],
  ['see postgresql://u:p%40@[::1]:5432/db?x=1, or not', 'see postgresql://******@[::1]:5432/db?x=1, or not'],
  ['http://u:p@ss@host', 'http://******@host'],
  ['http://token@host "http://a:b@c"', 'http://******@host "http://******@c"'],
  ['git+ssh://git:x@host/y', 'git+ssh://******@host/y'],
  ['http://host/path@2x.png', 'http://host/path@2x.png'],
  ['mail me@host, a/b@c', 'mail me@host, a/b@c'],
])('%s is shown as %s', (text, masked) => {
  expect(maskUrls(text)).toBe(masked);
});

test('values are masked wherever they stand, also escaped in a URL and line by line', () => {
  const mask = createMask(['secret', 'secret/value', 'one line\nother line']);
  expect(mask('a secret/value, secret%2Fvalue and secret')).toBe('a ******, ****** and ******');
  expect(mask('one line\n  other line')).toBe('******\n  ******');
});

test('the password in a URL is masked where it stands alone, as it is and decoded', () => {
  const mask = createMask(['redis://:p%40ss%2Fword@host:6379/', 'amqp://me:100%@host/']);
  expect(mask('p@ss/word, p%40ss%2Fword; 100%, 100%25')).toBe('******, ******; ******, ******');
  expect(mask('me on host:6379')).toBe('me on host:6379');
});

test('nothing of a value is left, whatever it is', () => {
  const value = fc
    .string({ minLength: 3, unit: 'binary' })
    .filter((text) => text.trim().length > 2 && !'******'.includes(text));
  fc.assert(
    fc.property(value, fc.array(value), fc.string(), (secret, others, around) => {
      const masked = createMask([...others, secret])(`${around} ${secret} ${around}`);
      expect(masked.includes(secret) && !`${around} ****** ${around}`.includes(secret)).toBe(false);
    }),
  );
});

/** What Python prints of a value. */
function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = [...text].map((character) => {
    const code = character.codePointAt(0) ?? 0;
    const short = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t', [quote]: `\\${quote}` }[character];
    if (short !== undefined) return short;
    if (code >= 0x20 && code < 0x7f) return character;
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
  });
  return `${quote}${escaped.join('')}${quote}`;
}

const bytesRepr = (text: string) => `b${pythonRepr(Buffer.from(text).toString('latin1'))}`;
const asciiJson = (text: string) =>
  JSON.stringify(text).replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
const shlexQuote = (text: string) => `'${text.replaceAll("'", `'"'"'`)}'`;
const bashQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
const bashPrintfQ = (text: string) => text.replace(/[^A-Za-z0-9_.,:/@%+=-]/g, '\\$&');
const quotePlus = (text: string) => encodeURIComponent(text).replaceAll('%20', '+');
const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64Lines = (text: string) => base64(text).replace(/.{20}/g, '$&\n');

const PRINTERS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  "Python's repr": pythonRepr,
  "Python's repr of bytes": bytesRepr,
  JSON: JSON.stringify,
  'JSON in ASCII': asciiJson,
  'JSON of a line with a repr': (text) => asciiJson(`KeyError: ${pythonRepr(text)}`),
  'JSON in JSON': (text) => asciiJson(JSON.stringify({ value: text })),
  'shlex.quote': shlexQuote,
  'JSON of shlex.quote': (text) => JSON.stringify(shlexQuote(text)),
  "Bash's quotes": bashQuote,
  'printf %q': bashPrintfQ,
  'a URL': encodeURIComponent,
  'a form': quotePlus,
  'a URL in a URL': (text) => encodeURIComponent(encodeURIComponent(text)),
  'base64, first place': base64,
  'base64, second place': (text) => base64(`:${text}:`),
  'base64, third place': (text) => base64(`u:${text}`),
  'base64 for URLs': (text) => Buffer.from(`u:${text}:`).toString('base64url'),
  'base64 in lines': base64Lines,
};

/** Characters that printers have something to do with, among others. */
const character = fc.oneof(
  fc.constantFrom('\\', "'", '"', '%', '+', ' ', '$', '/', 'n', 'x', 'u', '0', '\u2028', '\u00e9', '\u{1f600}', '\t'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => !/[\r\n\0]/.test(text)),
);
const secretValue = fc
  .string({ unit: character, minLength: 6, maxLength: 40 })
  .filter((text) => text.trim() === text && new Set(text).size > 3 && text.replace(/[.\u2026*]/g, '').length > 5);

/** Longest part of the printed value that is still there. */
function leftOf(printed: string, masked: string): number {
  let longest = 0;
  for (let begin = 0; begin < printed.length; begin++) {
    while (masked.includes(printed.slice(begin, begin + longest + 1)) && begin + longest < printed.length) longest++;
  }
  return longest;
}

test.each(Object.entries(PRINTERS))('a secret is masked in the form: %s', (_, print) => {
  fc.assert(
    fc.property(secretValue, (secret) => {
      const masked = createMask([secret])(`<<${print(secret)}>>`);
      expect(masked).toContain('******');
      // Quotes, and in base64 the characters beside it that hold next to nothing of it.
      expect(leftOf(print(secret), masked.replace('KeyError: ', '').replace('value', ''))).toBeLessThan(6);
    }),
    { numRuns: 60 },
  );
});

test.each(Object.entries(PRINTERS))('half of a secret at the cut of a line is masked in the form: %s', (_, print) => {
  fc.assert(
    fc.property(
      secretValue.filter((text) => [...text].length > 15),
      fc.double({ min: 0.7, max: 1, noNaN: true }),
      (secret, part) => {
        const printed = `${'-'.repeat(300)}<<${print(secret)}`;
        const cut = printed.slice(0, 302 + Math.ceil(print(secret).length * part));
        for (const end of ['', '…', '...', '\nnext']) expect(createMask([secret])(cut + end)).toContain('******');
      },
    ),
    { numRuns: 60 },
  );
});

/** Where the character of this count begins in what is printed of a value by a printer that has each by itself, and quotes at most around. */
function placeOf(print: (text: string) => string, secret: string, count: number): number {
  const twice = print([...secret].slice(0, count).join('') + secret);
  return twice.length - print(secret).length + (print('x').length - 1) / 2;
}

test.each(['as it is', "Python's repr", 'JSON'])(
  'the second half of a secret is masked where a line begins: %s',
  (form) => {
    const print = PRINTERS[form] ?? String;
    fc.assert(
      fc.property(
        secretValue.filter((text) => [...text].length > 15),
        fc.nat(),
        (secret, within) => {
          // A quarter of the characters is gone, and the next one may be cut within its escape.
          const printed = print(secret);
          const gone = Math.floor([...secret].length / 4);
          const [begin, end] = [gone, gone + 1].map((count) => placeOf(print, secret, count));
          const half = printed.slice((begin ?? 0) + (within % ((end ?? 0) - (begin ?? 0))));
          expect(createMask([secret])(`...${half} and more`)).toContain('******');
          expect(createMask([secret])(`${half} and more`)).toContain('******');
        },
      ),
    );
  },
);

test('the first letters of a secret stay readable where no line was cut', () => {
  const mask = createMask(['django-insecure-0123456789abcdef', 'postgresql://u:hunter22@db/shop']);
  expect(mask('cannot install django\nno server for postgresql\nshop is closed')).toBe(
    'cannot install django\nno server for postgresql\nshop is closed',
  );
  expect(mask('it is django-insecure-01234567…')).toBe('it is ******…');
  expect(mask('postgresql://u:hunt…')).toBe('******…');
});
