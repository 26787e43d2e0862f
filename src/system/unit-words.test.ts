// biome-ignore-all lint/suspicious/noTemplateCurlyInString: systemd has variables of its own.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { commandLine, propertyWord, unitValue, unitWord } from './unit-words.ts';

/**
 * Splits a value as systemd does. Source: systemd.syntax(7): words are separated by blanks, quotes group them, and backslashes
 * begin C escapes; systemd.unit(5): `%%` is `%`.
 */
function words(value: string): string[] {
  const found: string[] = [];
  let rest = value.trimStart();
  while (rest !== '') {
    const [all, quoted, plain] = /^(?:"((?:[^"\\]|\\.)*)"|([^\s"'\\]+))(?:\s+|$)/su.exec(rest) ?? [];
    if (all === undefined) throw new Error(`systemd would not split ${rest}`);
    const text = quoted === undefined ? (plain ?? '') : unescaped(quoted);
    if (/(?<!%)(%%)*%(?!%)/.test(text)) throw new Error(`a specifier: ${text}`);
    found.push(text.replaceAll('%%', '%'));
    rest = rest.slice(all.length);
  }
  return found;
}

const C_ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

function unescaped(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{2})|(.))/gs, (_, hexadecimal: string | undefined, letter: string) => {
    if (hexadecimal !== undefined) return String.fromCharCode(Number.parseInt(hexadecimal, 16));
    const character = C_ESCAPES[letter];
    if (character === undefined) throw new Error(`an escape that systemd does not know: ${letter}`);
    return character;
  });
}

/** What a process gets of an argument. Source: systemd.service(5), "Command lines": `$$` is `$`. */
function argument(word: string): string {
  if (/(?<!\$)(\$\$)*\$(?!\$)/.test(word)) throw new Error(`a variable: ${word}`);
  return word.replaceAll('$$', '$');
}

const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...' \t\n\r"\'\\%$;{}-@+!:#=', '%n', '${HOME}', '$$', '\u0001', 'é', '🚀'),
      fc.string({ maxLength: 3 }),
    ),
  )
  .map((parts) => parts.join('').replaceAll('\0', ''));

describe('what is plain stays as it is', () => {
  test.each(['/opt/venv/bin/python', '--workers', '3', 'shop.wsgi:app', 'A=1', '127.0.0.1:80', '-/var/log'])(
    '%s',
    (word) => expect(unitWord(word)).toBe(word),
  );
});

describe('everything else is quoted', () => {
  test.each([
    ['', '""'],
    ['two words', '"two words"'],
    ['it\'s "5"', '"it\'s \\"5\\""'],
    ['100%', '100%%'],
    ['a\\b', '"a\\\\b"'],
    [';', '";"'],
    ['\u0001', '"\\x01"'],
  ])('%j', (word, quoted) => expect(unitWord(word)).toBe(quoted));

  test('a dollar sign is doubled in arguments, and not in the program’s path', () => {
    expect(commandLine(['/opt/$x/python', 'create_app("$HOME")'])).toBe('"/opt/$x/python" "create_app(\\"$$HOME\\")"');
  });
});

test('systemd reads back each word, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(text), (all) => {
      expect(words(all.map(unitWord).join(' '))).toEqual(all);
    }),
    { numRuns: 2000 },
  );
});

test('a process gets each argument, whatever it is', () => {
  fc.assert(
    fc.property(fc.array(text), (args) => {
      const [program, ...rest] = words(commandLine(['/bin/x', ...args]));
      expect([program, ...rest.map(argument)]).toEqual(['/bin/x', ...args]);
    }),
    { numRuns: 2000 },
  );
});

test('a value that stands alone has its specifiers doubled', () => {
  expect(unitValue('/srv/100%/a b')).toBe('/srv/100%%/a b');
});

test('a property of systemd-run keeps its specifiers, and is quoted as a word of a unit file is', () => {
  expect(propertyWord('FORMAT=%H:%M')).toBe('FORMAT=%H:%M');
  expect(propertyWord('A=50% "off"\u0001\n')).toBe('"A=50% \\"off\\"\\x01\\n"');
  expect(unitWord('FORMAT=%H:%M')).toBe('FORMAT=%%H:%%M');
});
