import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import { CA_ONE, CA_TWO } from './pem.fixture.ts';
import * as s3 from './s3.ts';
import { serviceUrl } from './service-url.ts';
import * as smtp from './smtp.ts';
import type { Answer, ReadSecret, Relation } from './types.ts';

const relation = (app: Databag): Relation => ({ id: 'store:4', remoteApp: 'store', app, units: {} });
const contents: Readonly<Record<string, Databag>> = {
  'secret:keys': { 'access-key': 'AK', 'secret-key': 'SK+/ ' },
  'secret:password': { password: ' p@:/ ' },
};
const secrets: ReadSecret = (uri) => {
  const content = contents[uri];
  return content === undefined ? { whyNot: 'permission denied' } : { content };
};
const without = (bag: Databag, key: string): Databag => ({ ...bag, [key]: '' });

describe('s3', () => {
  const bag: Databag = { bucket: 'shop', 'access-key': 'AK', 'secret-key': 'SK', data: '{}' };
  const read = (app: Databag, readSecret: ReadSecret | undefined = secrets) =>
    s3.read(relation(app), readSecret, '/ca.pem');
  const variables = (answer: Answer<s3.S3>) =>
    answer.kind !== 'ready'
      ? `${answer.kind}: ${answer.reason}`
      : Object.fromEntries(
          Object.entries(s3.variables).flatMap(([name, { text }]) => {
            const found = text(answer.connection);
            return found === undefined ? [] : [[name, found]];
          }),
        );

  test('asks for a bucket, and for keys in a secret where Juju has some', () => {
    expect(s3.request('shop', false)).toEqual({ unit: {}, app: { bucket: 'shop' } });
    expect(s3.request('shop', true).app).toEqual({
      bucket: 'shop',
      path: '',
      'lib-version': '1.0',
      'requested-secrets': '["access-key","secret-key"]',
    });
  });

  test('v0: keys in the databag', () => {
    expect(variables(read(bag))).toEqual({ ACCESS_KEY: 'AK', SECRET_KEY: 'SK', BUCKET: 'shop' });
  });

  test('v1: keys in a secret, which win over old ones in the databag', () => {
    const { 'access-key': _, ...rest } = bag;
    expect(variables(read({ ...rest, 'secret-extra': 'secret:keys' }))).toMatchObject({
      ACCESS_KEY: 'AK',
      SECRET_KEY: 'SK+/ ',
    });
  });

  test('everything else, in the words of the interface and of boto3', () => {
    const all = {
      ...{ endpoint: 'https://s3.lan:9000', region: 'eu', path: 'a/b', 'storage-class': 'cold' },
      ...{ 's3-api-version': '4', 's3-uri-style': 'host', attributes: '["x: y"]' },
      'tls-ca-chain': JSON.stringify([CA_ONE, Buffer.from(CA_TWO).toString('base64')]),
    };
    const answer = read({ ...bag, ...all });
    expect(variables(answer)).toEqual({
      ...{ ACCESS_KEY: 'AK', SECRET_KEY: 'SK', BUCKET: 'shop', ENDPOINT: 'https://s3.lan:9000', REGION: 'eu' },
      ...{ PATH: 'a/b', STORAGE_CLASS: 'cold', API_VERSION: '4', URI_STYLE: 'host', ADDRESSING_STYLE: 'virtual' },
      ...{ ATTRIBUTES: '["x: y"]', TLS_CA_CHAIN: JSON.stringify([CA_ONE, CA_TWO]) },
    });
    if (answer.kind !== 'ready') throw new Error(answer.reason);
    expect(s3.certificate(answer.connection)).toBe(`${CA_ONE}\n${CA_TWO}\n`);
    expect(s3.awsVariables.CA_BUNDLE?.text(answer.connection)).toBe('/ca.pem');
  });

  test.each<[string, Databag, string]>([
    ['nothing', {}, 'waiting: store has not answered yet'],
    ['no keys', without(bag, 'secret-key'), 'waiting: store has not given an access key and a secret key yet'],
    ['no bucket', without(bag, 'bucket'), 'waiting: store has not said yet which bucket it gives'],
    [
      'a secret that is not ours',
      { ...bag, 'secret-extra': 'secret:other' },
      'waiting: the secret in which store keeps the keys cannot be read: permission denied',
    ],
    ['no secret', { ...bag, 'secret-extra': 'no\0secret' }, 'waiting: store names no secret where it keeps the keys'],
    [
      'a host without http',
      { ...bag, endpoint: 's3.lan:9000' },
      'refused: store gave an endpoint that is not a URL of http or https',
    ],
    [
      'a password in the URL',
      { ...bag, endpoint: 'https://a:b@s3.lan' },
      'refused: store gave an endpoint that is not a URL of http or https',
    ],
    [
      'a broken certificate',
      { ...bag, 'tls-ca-chain': JSON.stringify([CA_ONE, CA_TWO.replace('M', '!')]) },
      'refused: store gave something other than certificates in tls-ca-chain',
    ],
    ['no list', { ...bag, attributes: '{}' }, 'refused: store gave attributes that are not a JSON list'],
    [
      'a NUL',
      { ...bag, 'secret-key': 'a\0' },
      'refused: store gave a NUL or half a character in secret-key, which no variable can hold',
    ],
  ])('%s', (_, app, expected) => {
    expect(variables(read(app))).toBe(expected);
  });

  test('on Juju 2.9 says what to do', () => {
    const bare = s3.read(relation({ ...bag, 'secret-extra': 'secret:keys' }), undefined, '/ca.pem');
    expect(variables(bare)).toMatch(/remove the relation and relate again, or upgrade the controller to Juju 3$/);
  });
});

describe('smtp', () => {
  const bag: Databag = {
    ...{ host: 'mail.lan', port: '587', user: 'shop', password_id: 'secret:password' },
    ...{ auth_type: 'plain', transport_security: 'starttls', skip_ssl_verify: 'False' },
  };
  const summary = (answer: Answer<smtp.Smtp>): string =>
    answer.kind === 'ready' ? serviceUrl(smtp.serviceOf(answer.connection)) : `${answer.kind}: ${answer.reason}`;

  test.each<[string, Databag, string]>([
    ['STARTTLS, with the password in a secret', bag, 'smtp+tls://shop:%20p%40%3A%2F%20@mail.lan:587?tls=True'],
    [
      'a secret by its ID alone',
      { ...bag, password_id: 'password' },
      'smtp+tls://shop:%20p%40%3A%2F%20@mail.lan:587?tls=True',
    ],
    [
      'smtp-legacy, over TLS',
      { ...bag, password_id: '', password: 'q', transport_security: 'tls' },
      'smtp+ssl://shop:q@mail.lan:587?ssl=True',
    ],
    ['no login', { host: 'fd00::5', port: '25', auth_type: 'none', transport_security: 'none' }, 'smtp://[fd00::5]:25'],
    ['nothing', {}, 'waiting: store has not answered yet'],
    ['no port', without(bag, 'port'), 'waiting: store has not given a host and a port yet'],
    [
      'how it is secured is not said',
      without(bag, 'transport_security'),
      'waiting: store has not said yet how to log in and how the connection is secured',
    ],
    ['no user', without(bag, 'user'), 'waiting: store has not given a user and a password yet'],
    ['no password', without(bag, 'password_id'), 'waiting: store has not given a user and a password yet'],
    [
      'a secret that is not ours',
      { ...bag, password_id: 'secret:other' },
      'waiting: the secret in which store keeps the password cannot be read: permission denied',
    ],
    [
      'another way to log in',
      { ...bag, auth_type: 'ntlm' },
      'refused: store gave an auth_type that is none of none, not_provided, plain',
    ],
    [
      'another way to secure it',
      { ...bag, transport_security: 'ssh' },
      'refused: store gave a transport_security that is none of none, starttls, tls',
    ],
    ['a bad port', { ...bag, port: '70000' }, 'refused: store gave "70000" as its port'],
    [
      'a NUL',
      { ...bag, user: 'a\0' },
      'refused: store gave a NUL or half a character in user, which no variable can hold',
    ],
    ['recipients', { ...bag, recipients: '5' }, 'refused: store gave recipients that are not a JSON list'],
  ])('%s', (_, app, expected) => {
    expect(summary(smtp.read(relation(app), secrets))).toBe(expected);
  });

  test('on Juju 2.9 says which endpoint has no secrets', () => {
    expect(summary(smtp.read(relation(bag), undefined))).toBe(
      'waiting: store keeps the password in a Juju secret, which this Juju cannot read: ' +
        'relate the endpoint smtp-legacy of store in its place, or upgrade the controller to Juju 3',
    );
  });
});
