import fc from 'fast-check';
import { expect, test } from 'vitest';
import { environmentFile, readEnvironmentFile } from './environment-file.ts';

/**
 * What systemd makes of an environment file, for what we write of its grammar. Source: systemd.exec(5), EnvironmentFile=: lines
 * without `=` or that begin with `;` or `#` are ignored; in double quotes a backslash before one of `"\`$` goes, before a newline
 * both go, before anything else both stay; a newline in quotes is part of the value.
 */
function decode(text: string): [string, string][] {
  const found: [string, string][] = [];
  let rest = text;
  while (rest !== '') {
    const [line, name, body] = /^([A-Za-z_][A-Za-z0-9_]*)="((?:[^"\\]|\\[\s\S])*)"\n/.exec(rest) ?? [];
    if (line === undefined || name === undefined || body === undefined) throw new Error(`not read by systemd: ${rest}`);
    const value = body.replace(/\\([\s\S])/g, (both, next: string) =>
      next === '\n' ? '' : '"\\`$'.includes(next) ? next : both,
    );
    found.push([name, value]);
    rest = rest.slice(line.length);
  }
  return found;
}

test('each variable is a line in double quotes', () => {
  const variables = new Map([
    ['A', 'it is $5 "net" `now` \\o/'],
    ['B', 'two\nlines'],
    ['C', ''],
  ]);
  expect(environmentFile(variables)).toBe('A="it is \\$5 \\"net\\" \\`now\\` \\\\o/"\nB="two\nlines"\nC=""\n');
});

test('systemd reads back what was written, whatever it is', () => {
  const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,9}$/);
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(fc.constantFrom(...'"\\`$\n#;=% \'\ta')).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.tuple(name, value), { selector: ([each]) => each }), (pairs) => {
      expect(decode(environmentFile(new Map(pairs)))).toEqual(pairs);
      expect([...readEnvironmentFile(environmentFile(new Map(pairs)))]).toEqual(pairs);
    }),
    { numRuns: 2000 },
  );
});
