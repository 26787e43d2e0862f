import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { provide, read, withdraw } from './http.ts';

const summary = (units: Record<string, Databag>, scheme?: 'http' | 'https'): string => {
  const answer = read({ id: 'webservice:1', remoteApp: 'api', app: {}, units }, scheme);
  return answer.kind === 'ready' ? answer.connection.url : `${answer.kind}: ${answer.reason}`;
};

test('publishes the address and the port, the same to every reader', () => {
  expect(provide('10.0.0.9', 8080).unit).toEqual({
    hostname: '10.0.0.9',
    port: '8080',
    'private-address': '10.0.0.9',
  });
});

test('a service that does not serve has no port', () => {
  expect(withdraw.unit).toEqual({ hostname: '', port: '' });
});

describe('a web service', () => {
  test.each<[string, Record<string, Databag>, string]>([
    ['by host name', { 'api/0': { hostname: 'api.lan', port: '8000' } }, 'http://api.lan:8000'],
    ['by address', { 'api/0': { 'private-address': '10.0.0.7', port: '80' } }, 'http://10.0.0.7'],
    ['by IPv6 address', { 'api/0': { hostname: 'fd00::7', port: '8000' } }, 'http://[fd00::7]:8000'],
    ['with a path', { 'api/0': { hostname: 'a', port: '8000', path: 'v1/ü/' } }, 'http://a:8000/v1/%C3%BC'],
    ['with a protocol', { 'api/0': { hostname: 'a', port: '443', protocol: 'HTTPS' } }, 'https://a'],
    [
      'the oldest unit',
      { 'api/10': { hostname: 'b', port: '1' }, 'api/2': { hostname: 'a', port: '1' }, 'api/1': { hostname: 'c' } },
      'http://a:1',
    ],
    ['without a port', { 'api/0': { hostname: 'a' } }, 'waiting: api has not given a port yet'],
    ['silent', { 'api/0': { 'private-address': 'a', 'egress-subnets': 'b' } }, 'waiting: api has not answered yet'],
    [
      'nonsense',
      { 'api/0': { hostname: 'a b', port: '1' } },
      'refused: api gave something unreadable as its host, which is neither a name nor an address',
    ],
    [
      'no address',
      { 'api/0': { hostname: '1.2.3.400', port: '1' } },
      'refused: api gave a host that is neither a name nor an address',
    ],
  ])('%s', (_, units, expected) => {
    expect(summary(units)).toBe(expected);
  });

  test('has the scheme that we were told', () => {
    expect(summary({ 'api/0': { hostname: 'a', port: '8000', protocol: 'http' } }, 'https')).toBe('https://a:8000');
  });

  test('any text gives a URL or a reason', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', '', '80', '/x', 'http://h/'));
    fc.assert(
      fc.property(text, text, text, (hostname, port, path) => {
        const found = summary({ 'api/0': { hostname, port, path } });
        if (!/^(?:waiting|refused): /.test(found)) expect(URL.canParse(found)).toBe(true);
      }),
    );
  });
});
