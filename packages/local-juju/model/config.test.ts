import { describe, expect, test } from 'vitest';
import type { Charm, Option } from './charm.ts';
import { parseConfig } from './config.ts';

const option = (type: Option['type']): Option => ({ type, description: '' });
const charm: Charm = {
  name: 'ann',
  summary: '',
  description: '',
  subordinate: false,
  endpoints: {},
  options: { s: option('string'), i: option('int'), f: option('float'), b: option('boolean'), sec: option('secret') },
  actions: {},
  resources: {},
};

describe('values from the command line', () => {
  test('get the type of the option', () => {
    expect(parseConfig(charm, { s: '', i: '-3', f: '2', b: 'True', sec: 'secret:d0000000000000000000' })).toEqual({
      s: '',
      i: -3,
      f: 2,
      b: true,
      sec: 'secret:d0000000000000000000',
    });
  });

  test.each([
    [{ i: 'notanint' }, 'option "i" expected int, got "notanint"'],
    [{ b: 'maybe' }, 'option "b" expected boolean, got "maybe"'],
    [{ nosuch: '1' }, 'invalid application config: unknown option "nosuch"'],
    [{ sec: 'notasecret' }, 'invalid secret URI for option "sec": secret URI "notasecret" not valid'],
  ])('%j is refused as the client does', (values, why) => {
    expect(() => parseConfig(charm, values)).toThrow(why);
  });
});
