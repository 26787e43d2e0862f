import { describe, expect, test } from 'vitest';
import { buildEnvironment } from './environment.ts';

test('the operator wins over relations, and relations over what every application gets', () => {
  const { variables, overridden } = buildEnvironment({
    base: { HOME: '/var/lib/wsgi', LANG: 'C.UTF-8', PATH: '/bin' },
    relations: { DATABASE_URL: 'postgresql://a', LANG: 'from a relation', MONGO_URL: 'mongodb://b' },
    from: new Map(),
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
  const both = { base: {}, relations: { A: '1' }, from: new Map(), user: new Map([['A', '1']]) };
  expect(buildEnvironment(both).overridden).toEqual([]);
});

test('the same variables in another order are the same environment', () => {
  const one = buildEnvironment({
    base: { B: '2', A: '1' },
    relations: {},
    from: new Map(),
    user: new Map([['C', '3']]),
  });
  const other = buildEnvironment({
    base: {},
    relations: { C: '3' },
    from: new Map(),
    user: new Map(Object.entries({ A: '1', B: '2' })),
  });
  expect([...one.variables]).toEqual([...other.variables]);
});

test('what no process can be given is left out, and said without its value', () => {
  const { variables, left } = buildEnvironment({
    base: {},
    relations: { PASSWORD: 'a\0b', 'not-a-name': 'x', FINE: 'y' },
    from: new Map(),
    user: new Map(),
  });
  expect([...variables.keys()]).toEqual(['FINE']);
  expect(left).toEqual([
    { name: 'PASSWORD', reason: 'holds a control character; encode it, in Base64 for example' },
    { name: 'not-a-name', reason: 'is not a name of letters, digits and _' },
  ]);
});

describe('variables of relations under names of the application', () => {
  const relations = { POSTGRESQL_DB_HOSTNAME: '10.0.0.5', DB_NAME: 'of a relation' };

  test('win over relations, and the operator over them', () => {
    const { variables } = buildEnvironment({
      base: {},
      relations,
      from: new Map([
        ['DB_HOST', 'POSTGRESQL_DB_HOSTNAME'],
        ['DB_NAME', 'POSTGRESQL_DB_HOSTNAME'],
        ['DB_PORT', 'POSTGRESQL_DB_HOSTNAME'],
      ]),
      user: new Map([['DB_PORT', 'own']]),
    });
    expect(Object.fromEntries(variables)).toMatchObject({ DB_HOST: '10.0.0.5', DB_NAME: '10.0.0.5', DB_PORT: 'own' });
  });

  test('that no relation gives block, with a list of those that there are', () => {
    const from = new Map([['DB_HOST', 'POSTGRES_HOST']]);
    expect(() => buildEnvironment({ base: {}, relations, from, user: new Map() })).toThrow(
      'environment_from: DB_HOST: there is no variable POSTGRES_HOST; there are: DB_NAME, POSTGRESQL_DB_HOSTNAME',
    );
  });
});
