import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSecretUris, parseVariables } from './environment-variables.ts';
import { secretReference, secretUrisIn } from './secret-uri.ts';
import { BadValue } from './values.ts';

const ID = 'cq8s2nfmp25c77ddl0fg';
const MODEL = '11111111-2222-4333-8444-555555555555';

describe('a secret is named', () => {
  test.each([
    [`secret:${ID}`, { uri: `secret:${ID}`, id: ID, field: undefined }],
    [`secret://${ID}/db-key`, { uri: `secret:${ID}`, id: ID, field: 'db-key' }],
    [`secret://${ID}/${ID}`, { uri: `secret:${ID}`, id: ID, field: ID }],
    [`secret://${MODEL}/${ID}`, { uri: `secret://${MODEL}/${ID}`, id: ID, field: undefined }],
    [`secret://${MODEL}/${ID}/key`, { uri: `secret://${MODEL}/${ID}`, id: ID, field: 'key' }],
  ])('by %s', (text, reference) => {
    expect(secretReference(text)).toEqual(reference);
  });

  test.each([
    ...[
      ID,
      `secret:${ID}x`,
      `secret:${ID} `,
      `a secret:${ID}`,
      `secret://${ID}`,
      `secret://${ID}/`,
      `secret:${ID}/key`,
    ],
    ...['secret:', 'secret:hunter2', 'secret://', `SECRET:${ID}`, ''],
  ])('not by "%s"', (text) => {
    expect(secretReference(text)).toBeUndefined();
  });

  test('in any text in which it stands', () => {
    const id = fc.stringMatching(/^[0-9a-z]{20}$/);
    const field = fc.stringMatching(/^[a-z][a-z0-9-]{2,10}$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(id, fc.option(field))), (secrets) => {
        const words = secrets.map(([one, of]) => (of === null ? `secret:${one}` : `secret://${one}/${of}`));
        const text = JSON.stringify({ environment_variables: words.map((word, at) => `V${at}="${word}"`).join(' ') });
        expect(secretUrisIn(text)).toEqual([...new Set(secrets.map(([one]) => `secret:${one}`))]);
        for (const word of words) expect(secretReference(word)?.uri).toMatch(/^secret:[0-9a-z]{20}$/);
      }),
    );
  });
});

describe('environment_variables', () => {
  test('keep a value that only looks like the name of a secret', () => {
    expect(parseVariables(`A=secret:hunter2 B=secret:${ID}`)).toEqual(
      new Map([
        ['A', 'secret:hunter2'],
        ['B', `secret:${ID}`],
      ]),
    );
  });

  test('refuse one that was meant as a field of a secret and is none', () => {
    expect(() => parseVariables(`A=1 B=secret://${ID}`)).toThrow(
      'B names no field of a secret; secret://ID/FIELD is right, with the ID of juju show-secret',
    );
  });
});

describe('environment_secrets', () => {
  test('are URIs with blanks, newlines or commas between', () => {
    const other = ID.replace('c', 'd');
    expect(parseSecretUris(` secret:${ID},\n secret:${other} `).map(({ id }) => id)).toEqual([ID, other]);
    expect(parseSecretUris('')).toEqual([]);
  });

  test('of anything else say which word, and do not show it', () => {
    const text = fc
      .string({ minLength: 5 })
      .filter((word) => !/[\s,]/.test(word) && secretReference(word) === undefined);
    fc.assert(
      fc.property(text, (word) => {
        const problem = thrownBy(() => parseSecretUris(`secret:${ID} ${word}`));
        expect(problem).toBeInstanceOf(BadValue);
        expect(String(problem)).toContain('word 2 is not the URI of a secret; secret:ID is right');
        expect(String(problem).includes(word) && !'BadValue: word 2 is not the URI'.includes(word)).toBe(false);
      }),
    );
  });
});

function thrownBy(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
