import { expect, test } from 'vitest';
import { proxyEnvironment, proxyFor } from './proxy.ts';

const proxies = {
  http: 'http://p:1',
  https: 'http://p:2',
  no: 'example.com, .corp,10.0.0.0/8,192.0.2.1,[2001:db8::1],fd00::/8,only:8080',
};

test.each([
  ['http://other.org/', 'http://p:1'],
  ['https://other.org/', 'http://p:2'],
  ['http://example.com/', undefined],
  ['http://www.EXAMPLE.com/', undefined],
  ['http://notexample.com/', 'http://p:1'],
  ['http://a.corp/', undefined],
  ['http://10.1.2.3/', undefined],
  ['http://11.1.2.3/', 'http://p:1'],
  ['http://192.0.2.1:99/', undefined],
  ['http://[2001:db8::1]/', undefined],
  ['http://[fd00::5]/', undefined],
  ['http://[fe80::5]/', 'http://p:1'],
  ['http://only:8080/', undefined],
  ['http://only/', 'http://p:1'],
])('%s is asked by %s', (url, proxy) => {
  expect(proxyFor(new URL(url), proxies)).toBe(proxy);
});

test('a proxy without a scheme is a http proxy, and * excepts everything', () => {
  expect(proxyFor(new URL('http://x/'), { http: 'p:3128' })).toBe('http://p:3128');
  expect(proxyFor(new URL('http://x/'), { http: 'p:3128', no: '*' })).toBeUndefined();
  expect(proxyFor(new URL('http://x/'), {})).toBeUndefined();
});

test('programs find proxies in both spellings', () => {
  expect(proxyEnvironment({ http: 'http://p', no: '' })).toEqual({ http_proxy: 'http://p', HTTP_PROXY: 'http://p' });
});
