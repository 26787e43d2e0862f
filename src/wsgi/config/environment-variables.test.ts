// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is Bash.
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAssignments } from './environment-variables.ts';
import { BadValue } from './values.ts';

const read = (text: string) => Object.fromEntries(parseAssignments(text));

function refused(text: string): string {
  try {
    parseAssignments(text);
  } catch (error) {
    if (error instanceof BadValue) return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

/** A value in POSIX single quotes. */
const quoted = (value: string) => `'${value.replaceAll("'", `'\\''`)}'`;
const name = fc
  .stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/)
  .filter((each) => !/^(PATH$|LISTEN_|NOTIFY|GUNICORN)/.test(each));
/** Any Unicode text but control characters other than tab and newline, which no variable may hold. */
const value = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...' \t\n"\'`$\\%=#!&;|<>(){}[]*?~^,:@') },
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 3 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 2 }) },
      { weight: 1, arbitrary: fc.constantFrom('$(touch x)', '`id`', '${HOME}', '%n', 'é', '日本', '🚀') },
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))
  .filter((each) => !/[\p{Noncharacter_Code_Point}]/u.test(each) && !/[^\P{Cc}\t\n]/u.test(each));

describe('assignments', () => {
  test.each<[string, Record<string, string>]>([
    [`A=1 B="two words" C='it'\\''s' D=a=b`, { A: '1', B: 'two words', C: "it's", D: 'a=b' }],
    ['A=1\nB=2\n\n  C=3 # words\n# A=4; B=5\n', { A: '1', B: '2', C: '3' }],
    ['', {}],
    [' \n\t', {}],
    ['A=', { A: '' }],
    [`A="" B=''`, { A: '', B: '' }],
    [
      'A=$HOME B=$(touch x) C=`id` D=${x:-y} E=$((1+2))',
      { A: '$HOME', B: '$(touch x)', C: '`id`', D: '${x:-y}', E: '$((1+2))' },
    ],
    ['A="$HOME $(touch "x y")"', { A: '$HOME $(touch "x y")' }],
    ['A="\\$HOME \\"x\\" \\\\ \\e"', { A: '$HOME "x" \\ \\e' }],
    [`A=$'tab\\there'`, { A: 'tab\there' }],
    [
      'A=~/x B=*.py C={a,b} D=[ab] E=!x F=%n G=#x H=x#y',
      { A: '~/x', B: '*.py', C: '{a,b}', D: '[ab]', E: '!x', F: '%n', G: '#x', H: 'x#y' },
    ],
    [`A='two\nlines' B="two\nlines" C=one\\\nline`, { A: 'two\nlines', B: 'two\nlines', C: 'oneline' }],
    ['A=1 B=2 A=3', { B: '2', A: '3' }],
    [`U='http://x/?a=1&b=2;c'`, { U: 'http://x/?a=1&b=2;c' }],
  ])('%j', (text, expected) => expect(read(text)).toEqual(expected));
});

describe('anything else is refused, and the message says what to do', () => {
  test.each([
    ['URL=http://x/?a=1&b=2', 'URL has an unquoted & in or after its value; put the value in quotes'],
    ['A=1 B=x|y', 'B has an unquoted | in or after its value; put the value in quotes'],
    ['A=1 && B=2', 'A has an unquoted && in or after its value; put the value in quotes'],
    ['A=1;B=2', 'A has an unquoted ; in or after its value; put the value in quotes'],
    ['A=1; # end', 'A has an unquoted ; in or after its value; put the value in quotes'],
    ['A=1 B=2&', 'B has an unquoted & in or after its value; put the value in quotes'],
    ['A=1 B=a>b', 'B has an unquoted > in or after its value; put the value in quotes'],
    ['A=1 B=a<b C=2', 'B has an unquoted < in or after its value; put the value in quotes'],
    ['A=1 <<E\nx\nE\n', 'A has an unquoted << in or after its value; put the value in quotes'],
    ['A=two words', 'after A there is a word that is no NAME=value; put a value with spaces in quotes'],
    ['A=1\nrm -rf x', 'after A there is a word that is no NAME=value; put a value with spaces in quotes'],
    ['touch x', 'does not begin with NAME=value'],
    ['my-name=1', 'does not begin with NAME=value'],
    ['export A=1', 'begins a line with export; leave it out, NAME=value is enough'],
    ['A=1\nexport B=1', 'begins a line with export; leave it out, NAME=value is enough'],
    ['A=(1 2)', 'A is an array; put its value in quotes'],
    [`A=()''`, 'A has an unquoted ( in or after its value; put the value in quotes'],
    ['A=1 B=x\\', 'B has an unquoted \\ in or after its value; put the value in quotes'],
    ['A[0]=1', 'A is an array; put its value in quotes'],
    ['A+=1', 'A is added to by +=; write A= and the whole value'],
    ['A="open', 'A has a quote or bracket that is not closed; close it, or put the value in quotes'],
    ['A=1 B=$(open', 'B has a quote or bracket that is not closed; close it, or put the value in quotes'],
    ['A=1(B=2)', 'A has an unquoted ( in or after its value; put the value in quotes'],
    ['(A=1)', 'begins with a command; NAME=value is right'],
    ['A=@(x|y)', 'A has an unquoted ( in or after its value; put the value in quotes'],
    ['A=<(x)', 'A has an unquoted < in or after its value; put the value in quotes'],
    ['A=1\n! B=2', 'B has an unquoted ! in or after its value; put the value in quotes'],
    ['if A=1; then B=2; fi', 'begins with a command; NAME=value is right'],
    ['PATH=/bin', 'PATH cannot be set: the service itself needs it; leave it out'],
    ['LISTEN_FDS=1', 'LISTEN_FDS cannot be set: the service itself needs it; leave it out'],
    ['NOTIFY_SOCKET=x', 'NOTIFY_SOCKET cannot be set: the service itself needs it; leave it out'],
    ['GUNICORN_CMD_ARGS=x', 'GUNICORN_CMD_ARGS cannot be set: the service itself needs it; leave it out'],
    ['A=1\r\nB=2\r\n', 'A holds a carriage return; save the text with Unix line ends'],
    ["A='\u0007'", 'A holds a control character; encode it, in Base64 for example'],
    ["A='\0'", 'A holds a control character; encode it, in Base64 for example'],
    ["A='\ufffe'", 'A holds something that is not a Unicode character; encode it'],
    ["A='\ud800'", 'A holds something that is not a Unicode character; encode it'],
    [`A=${'x'.repeat(131_070)}`, 'A is 131073 bytes long; Linux takes at most 131072'],
    [`A=${'x'.repeat(1_048_576)}`, 'is 1048578 characters long; at most 1048576 are right'],
  ])('%j', (text, message) => expect(refused(text)).toBe(message));

  test('the longest variable that Linux takes is taken', () => {
    expect(read(`A=${'x'.repeat(131_069)}`).A).toHaveLength(131_069);
  });
});

describe('whatever is written', () => {
  test('quoted values arrive as they are', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each }),
        fc.constantFrom(' ', '\n', ' \n\t'),
        (pairs, gap) => {
          const text = pairs.map(([each, content]) => `${each}=${quoted(content)}`).join(gap);
          expect([...parseAssignments(text)]).toEqual(pairs);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('garbage is read or refused by a sentence that shows nothing of it', () => {
    const garbage = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            ...' \n\t"\'`$\\=#&;|<>(){}[]*?~!+,:%@',
            'A=',
            'B=',
            'if',
            '$(',
            '${',
            '<<',
            '[[',
            '\0',
            '\r',
            'x',
          ),
          { maxLength: 40 },
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        try {
          parseAssignments(text);
        } catch (error) {
          if (!(error instanceof BadValue)) throw error;
          expect(error.message).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('nesting without end is refused, and quickly', () => {
    for (const open of ['$(', '"$(', '${a:-', '(', '`', '[[ ', '{ ', 'if ', '$((']) {
      const begun = performance.now();
      expect(refused(`A=1 ${open.repeat(20_000)}`)).not.toBe('');
      expect(performance.now() - begun).toBeLessThan(5000);
    }
  });

  /** Pieces with no expansion in them, the only thing in which we and Bash mean to differ. */
  const plain = fc
    .array(
      fc.constantFrom(
        ...' \n\t"\'\\=#;|&<>()[]*?!+,:%@.x1',
        'A=',
        ' B=',
        '\nC=',
        "''",
        '""',
        "\\'",
        '\\"',
        'é',
        "$'a\\tb\\x41'",
        '{a,"b c"}',
        '["a"]',
        "[!'x']",
      ),
      { maxLength: 25 },
    )
    .map((parts) => `A=${parts.join('')}`);

  test('it is read as Bash reads it, or refused', () => {
    const accepted: { text: string; ours: Record<string, string> }[] = [];
    const sample = fc.sample(plain, { numRuns: 12_000, seed: 20_240 });
    for (const text of new Set(sample)) {
      try {
        accepted.push({ text, ours: read(text) });
      } catch (error) {
        if (!(error instanceof BadValue)) throw error;
      }
    }
    expect(accepted.length).toBeGreaterThan(500);
    // One Bash for all: each text is evaluated in a subshell with no PATH, and the variables printed, ended by NUL.
    const script = accepted.map(
      ({ text }) => `( eval ${quoted(text)}; printf '%s\\0' "\${A-unset}" "\${B-unset}" "\${C-unset}" )`,
    );
    const bash = spawnSync('/bin/bash', ['--norc', '--noprofile'], {
      input: script.join('\n'),
      env: { PATH: '/nonexistent', LANG: 'C.UTF-8' },
    });
    expect(bash.stderr.toString()).toBe('');
    const theirs = bash.stdout.toString().split('\0');
    accepted.forEach(({ text, ours }, index) => {
      const [A, B, C] = theirs.slice(index * 3);
      expect({ text, A: ours.A ?? 'unset', B: ours.B ?? 'unset', C: ours.C ?? 'unset' }).toEqual({ text, A, B, C });
    });
  });
});
