import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import * as haproxyRoute from './haproxy-route.ts';
import * as ingress from './ingress.ts';

const summary = ({ read }: typeof haproxyRoute | typeof ingress, app: Databag): string => {
  const answer = read({ id: 'front:1', remoteApp: 'proxy', app, units: {} });
  return answer.kind === 'ready' ? answer.connection.url : `${answer.kind}: ${answer.reason}`;
};

describe('HAProxy is asked for a route', () => {
  test('in JSON, a key each', () => {
    expect(haproxyRoute.route({ service: 'test-wsgi', port: 8080, healthPath: '/health?full=1' })).toEqual({
      service: '"test-wsgi"',
      ports: '[8080]',
      check: '{"interval":10,"rise":2,"fall":3,"path":"/health?full=1"}',
      retry: '{"count":3,"redispatch":true}',
    });
  });

  test('with a path that has no quote in it, nor a dollar sign', () => {
    expect(haproxyRoute.route({ service: 's', port: 1, healthPath: "/a'b$c" }).check).toContain('"path":"/a%27b%24c"');
  });

  test('to an address of IP only', () => {
    expect(haproxyRoute.server('10.0.0.9')).toEqual({ address: '"10.0.0.9"' });
    expect(haproxyRoute.server('fd00::9')).toEqual({ address: '"fd00::9"' });
    expect(haproxyRoute.server('node.lan')).toEqual({});
    expect(haproxyRoute.server(undefined)).toEqual({});
  });
});

describe('an ingress is asked for', () => {
  test('in JSON, a key each', () => {
    expect(ingress.request({ model: 'test', application: 'wsgi', port: 80, healthPath: '/ok' })).toEqual({
      model: '"test"',
      name: '"wsgi"',
      port: '80',
      'strip-prefix': 'true',
      healthcheck_params: '{"path":"/ok","interval":"10s"}',
    });
  });

  test('not with a port that the library refuses', () => {
    expect(ingress.request({ model: 'm', application: 'a', port: 65_535, healthPath: '/' })).toEqual({});
    expect(ingress.request({ model: 'm', application: 'a', port: 65_534, healthPath: '/' }).port).toBe('65534');
  });

  test('to a host, whose address is told where it is one', () => {
    expect(ingress.server('10.0.0.9')).toEqual({ host: '"10.0.0.9"', ip: '"10.0.0.9"' });
    expect(ingress.server('node.lan')).toEqual({ host: '"node.lan"', ip: 'null' });
    expect(ingress.server(undefined)).toEqual({});
  });
});

describe('the URL', () => {
  test.each<[string, Databag, string]>([
    ['is the first endpoint', { endpoints: '["https://a.lan/", "https://b.lan/"]' }, 'https://a.lan'],
    ['may have a path', { endpoints: '["https://a.lan/shop/"]' }, 'https://a.lan/shop'],
    ['is not there yet', {}, 'waiting: proxy has not said yet at which URL it serves the application'],
    ['is withdrawn', { endpoints: '[]' }, 'waiting: proxy has not said yet at which URL it serves the application'],
    ['is not JSON', { endpoints: 'https://a.lan' }, 'refused: proxy gave endpoints that are not a JSON list'],
    ['is in no list', { endpoints: '"https://a.lan"' }, 'refused: proxy gave endpoints that are not a JSON list'],
    ['is another protocol', { endpoints: '["ftp://a"]' }, 'refused: proxy gave a URL that is not of http or https'],
    ['is a number', { endpoints: '[80]' }, 'refused: proxy gave a URL that is not of http or https'],
    ['has a password', { endpoints: '["http://u:p@a"]' }, 'refused: proxy gave a URL that is not of http or https'],
  ])('of haproxy-route %s', (_, app, expected) => {
    expect(summary(haproxyRoute, app)).toBe(expected);
  });

  test.each<[string, Databag, string]>([
    ['is that of the key', { ingress: '{"url": "http://10.0.0.1/test-wsgi"}' }, 'http://10.0.0.1/test-wsgi'],
    ['is not there yet', {}, 'waiting: proxy has not said yet at which URL it serves the application'],
    ['is not JSON', { ingress: 'url: http://a' }, 'refused: proxy gave an ingress that is not JSON with a url'],
    ['is missing', { ingress: '{}' }, 'refused: proxy gave an ingress that is not JSON with a url'],
    ['is null', { ingress: 'null' }, 'refused: proxy gave an ingress that is not JSON with a url'],
  ])('of ingress %s', (_, app, expected) => {
    expect(summary(ingress, app)).toBe(expected);
  });

  test('of any databag is one of http or a reason', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    const values = fc.oneof(
      text,
      fc.webUrl(),
      fc.integer(),
      fc.constantFrom(null, 'http://', 'https://a:b@c/', 'x://y'),
    );
    const endpoints = fc.oneof(
      text,
      values.map((url) => JSON.stringify([url])),
    );
    const said = fc.oneof(
      text,
      values.map((url) => JSON.stringify({ url })),
    );
    fc.assert(
      fc.property(endpoints, said, (list, one) => {
        for (const each of [summary(haproxyRoute, { endpoints: list }), summary(ingress, { ingress: one })]) {
          expect(each).toMatch(/^(?:https?:\/\/.*[^/]$|waiting: |refused: )/s);
        }
      }),
    );
  });
});
