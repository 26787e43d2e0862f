import { expect, test } from 'vitest';
import { buildEnvironment } from './environment.ts';

test('the operator wins over relations, and relations over what every application gets', () => {
  const { variables, overridden } = buildEnvironment({
    base: { HOME: '/var/lib/wsgi', LANG: 'C.UTF-8', PATH: '/bin' },
    relations: { DATABASE_URL: 'postgresql://a', LANG: 'from a relation', MONGO_URL: 'mongodb://b' },
    user: new Map([
      ['MONGO_URL', 'mongodb://own'],
      ['HOME', '/srv'],
      ['A', '1'],
    ]),
  });
  expect([...variables]).toEqual([
    ['A', '1'],
    ['DATABASE_URL', 'postgresql://a'],
    ['HOME', '/srv'],
    ['LANG', 'from a relation'],
    ['MONGO_URL', 'mongodb://own'],
    ['PATH', '/bin'],
  ]);
  expect(overridden).toEqual(['MONGO_URL']);
});

test('the same value given twice overrides nothing', () => {
  const both = { base: {}, relations: { A: '1' }, user: new Map([['A', '1']]) };
  expect(buildEnvironment(both).overridden).toEqual([]);
});

test('the same variables in another order are the same environment', () => {
  const one = buildEnvironment({ base: { B: '2', A: '1' }, relations: {}, user: new Map([['C', '3']]) });
  const other = buildEnvironment({
    base: {},
    relations: { C: '3' },
    user: new Map(Object.entries({ A: '1', B: '2' })),
  });
  expect([...one.variables]).toEqual([...other.variables]);
});

test('what no process can be given is left out, and said without its value', () => {
  const { variables, left } = buildEnvironment({
    base: {},
    relations: { PASSWORD: 'a\0b', 'not-a-name': 'x', FINE: 'y' },
    user: new Map(),
  });
  expect([...variables.keys()]).toEqual(['FINE']);
  expect(left).toEqual([
    { name: 'PASSWORD', reason: 'holds a control character; encode it, in Base64 for example' },
    { name: 'not-a-name', reason: 'is not a name of letters, digits and _' },
  ]);
});
