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
