import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { authority, readEndpoint, readPort, sorted } from './endpoint.ts';

const read = (text: string, port?: string, defaultPort?: number): string => {
  const found = readEndpoint(text, port, defaultPort);
  return 'endpoint' in found ? authority(found.endpoint) : found.whyNot;
};

describe('a host and a port', () => {
  test.each([
    ['10.0.0.5', '5432', undefined, '10.0.0.5:5432'],
    ['http://10.0.0.5', '5432', undefined, '10.0.0.5:5432'],
    ['http://10.0.0.5/', '5432', undefined, '10.0.0.5:5432'],
    ['https://db.example.com:6432/', undefined, 5432, 'db.example.com:6432'],
    ['DB_1.Example.com', undefined, 5432, 'db_1.example.com:5432'],
    ['db.lan:5432', '5433', undefined, 'db.lan:5433'],
    ['FD00:0:0::5', '5432', undefined, '[fd00::5]:5432'],
    ['[fd00::5]', undefined, 5432, '[fd00::5]:5432'],
    ['[fd00::5]:6432', undefined, 5432, '[fd00::5]:6432'],
    ['fd00::5:5432', undefined, 5432, '[fd00::5]:5432'],
    ['fd00::5:6432', undefined, 5432, '[fd00::5:6432]:5432'],
    ['fd00:1:2:3:4:5:6:7:6432', undefined, 5432, '[fd00:1:2:3:4:5:6:7]:6432'],
    ['::ffff:10.0.0.5', '5432', undefined, '[::ffff:a00:5]:5432'],
  ])('%s with %s is %s', (text, port, defaultPort, expected) => {
    expect(read(text, port, defaultPort)).toBe(expected);
  });

  test.each([
    ['/var/run/postgresql', '5432', /^the unix socket "\/var\/run\/postgresql", which cannot be reached/],
    ['@postgresql', '5432', /unix socket/],
    ['fe80::1%eth0', '5432', /zone id/],
    ['[fe80::1%eth0]', '5432', /zone id/],
    ['', '5432', /^no host$/],
    ['two words', '5432', /^something unreadable as its host, which is neither a name nor an address/],
    ['10.0.0.5', 'http', /"http" as its port/],
    ['10.0.0.5', '0', /"0" as its port/],
    ['10.0.0.5', '65536', /"65536" as its port/],
    ['10.0.0.5', undefined, /^no port$/],
  ])('%s with %s is refused with a reason', (text, port, expected) => {
    expect(read(text, port)).toMatch(expected);
  });

  test('a reason shows no user info and no control characters', () => {
    expect(read('http://me:secret@10.0.0.5', '5432')).not.toContain('secret');
    expect(read('a\u0007\nb', '5432')).toMatch(/^something unreadable as its host/);
  });

  test('any text gives an endpoint that is read back alike, or a reason', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4(), fc.domain()), fc.nat(70_000), (text, port) => {
        const found = readEndpoint(text, String(port));
        if ('endpoint' in found) expect(readEndpoint(authority(found.endpoint), undefined)).toEqual(found);
      }),
    );
  });

  test.each(['', ' ', '1e3', '+80', '-1', '80.0', '0x50', '८०', '123456'])('%j is no port', (text) => {
    expect(readPort(text)).toBeUndefined();
  });
});

test('hosts come in one order whatever the order was, each once', () => {
  const hosts = fc.uniqueArray(fc.domain(), { minLength: 1 });
  fc.assert(
    fc.property(hosts, fc.infiniteStream(fc.nat()), (names, random) => {
      const endpoints = names.map((host) => ({ host, port: 27_017 }));
      const shuffled = [...endpoints, ...endpoints]
        .map((endpoint) => [random.next().value ?? 0, endpoint] as const)
        .sort(([a], [b]) => a - b)
        .map(([, endpoint]) => endpoint);
      expect(sorted(shuffled)).toEqual(sorted(endpoints));
    }),
  );
});
