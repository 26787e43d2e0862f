import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Masks } from './mask.ts';

test.each([
  ['password', 's3cret', 'masked-1'],
  ['api-key', 's3cret', 'masked-1'],
  ['auth_token', 's3cret', 'masked-1'],
  ['nagios_index_content', 'keyboard', 'keyboard'],
  ['database', 'app', 'app'],
  ['uris', 'postgresql://u:p%40ss@10.0.0.1:5432/app', 'postgresql://u:masked-1@10.0.0.1:5432/app'],
  ['master', "host=a user=u password='it\\'s' port=1", 'host=a user=u password=masked-1 port=1'],
  ['environment_variables', `A=1 B="two words" C='x y'`, 'A=masked-1 B=masked-2 C=masked-3'],
  ['secret-user', 'secret://11111111-2222-4333-8444-555555555555/9m4e2mr0ui3e8a215n4g', undefined],
])('%s: %s', (name, value, shown) => {
  expect(new Masks().value(name, value)).toBe(shown ?? value);
});

test('numbers and booleans are what they are', () => {
  expect(new Masks().bag({ password_length: 12, token: true })).toEqual({ password_length: 12, token: true });
});

test('a secret that was met once is in no text, whatever it is made of, and has one mask', () => {
  const secrets = fc
    .string({ minLength: 4, unit: 'grapheme' })
    .filter((text) => !'masked-1 {"again":"in"}'.includes(text));
  fc.assert(
    fc.property(secrets, (secret) => {
      const masks = new Masks();
      expect(masks.bag({ password: secret, token: secret })).toEqual({ password: 'masked-1', token: 'masked-1' });
      expect(masks.everywhere(JSON.stringify({ again: `in ${secret}` }))).toBe('{"again":"in masked-1"}');
    }),
  );
});
