import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDsn, parseDsn, splitDsns } from './dsn.ts';

const keyword = fc.constantFrom('host', 'port', 'dbname', 'user', 'password', 'sslmode', 'options');
const text = fc.string({
  unit: fc.constantFrom('a', ' ', "'", '\\', '=', ',', '\n', '\t', '\v', 'ü', '語', '😀', '"'),
});
const dsn = fc.dictionary(keyword, text);

describe('a libpq connection string', () => {
  test.each([
    ['host=10.0.0.5 port=5432', { host: '10.0.0.5', port: '5432' }],
    [' host = 10.0.0.5\tport =5432 ', { host: '10.0.0.5', port: '5432' }],
    ["password='two words'", { password: 'two words' }],
    ["password='it\\'s a \\\\ backslash'", { password: "it's a \\ backslash" }],
    ["password=it\\'s\\ one", { password: "it's one" }],
    ["password=''", { password: '' }],
    ["password='' user=a", { password: '', user: 'a' }],
    ['user=a user=b', { user: 'b' }],
    // As libpq does: white space after the equals sign is skipped, whatever stands behind it.
    ['user= password=x', { user: 'password=x' }],
    ['', {}],
  ])('%j is read as libpq reads it', (input, expected) => {
    expect(parseDsn(input)).toEqual(expected);
  });

  test.each(['host', "password='open", 'host=a port', '=a', 'host=a =b', "password='open\\'"])(
    '%j is no connection string',
    (input) => {
      expect(parseDsn(input)).toBeUndefined();
    },
  );

  test('reads back whatever was written', () => {
    fc.assert(
      fc.property(dsn, (values) => {
        expect(parseDsn(formatDsn(values))).toEqual({ ...values });
      }),
    );
  });

  test('takes any text without an error', () => {
    fc.assert(fc.property(text, (input) => void parseDsn(input)));
  });
});

describe('several connection strings', () => {
  const standby = fc.record({ host: fc.domain(), port: fc.nat().map(String), password: text });

  test.each(['\n', ',', ',\n', ' , '])('joined by %j are told apart whatever their values hold', (separator) => {
    const named = fc.array(standby, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(named, (values) => {
        const joined = values.map((value) => formatDsn(value).replace(/,/g, '\\,')).join(separator);
        expect(splitDsns(joined).map(parseDsn)).toEqual(values);
      }),
    );
  });

  test('a quote in the middle of a value stands for itself', () => {
    expect(parseDsn("password=it's host=a")).toEqual({ password: "it's", host: 'a' });
    expect(splitDsns("password=it's,host=b password=it's")).toEqual(["password=it's", "host=b password=it's"]);
  });

  test('a comma between hosts of one string does not divide it', () => {
    expect(splitDsns('host=a,b port=1,2 user=x,host=c user=y')).toEqual(['host=a,b port=1,2 user=x', 'host=c user=y']);
  });
});
