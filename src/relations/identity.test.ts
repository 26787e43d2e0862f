import { describe, expect, test } from 'vitest';
import type { Databag } from '../juju/types.ts';
import * as oauth from './oauth.ts';
import * as openfga from './openfga.ts';
import { CA_ONE } from './pem.fixture.ts';
import * as saml from './saml.ts';
import type { Answer, ReadSecret, Relation } from './types.ts';
import type { Variables } from './variables.ts';

const relation = (app: Databag): Relation => ({ id: 'idp:4', remoteApp: 'idp', app, units: {} });
const contents: Readonly<Record<string, Databag>> = {
  'secret:client': { secret: 's@' },
  'secret:token': { token: 't' },
};
const secrets: ReadSecret = (uri) => {
  const content = contents[uri];
  return content === undefined ? { whyNot: 'permission denied' } : { content };
};
const without = (bag: Databag, key: string): Databag => ({ ...bag, [key]: '' });

function given<Value>(answer: Answer<Value>, variables: Variables<Value>): Record<string, string> | string {
  if (answer.kind !== 'ready') return `${answer.kind}: ${answer.reason}`;
  const texts = Object.entries(variables).map(([name, { text }]) => [name, text(answer.connection)] as const);
  return Object.fromEntries(texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])));
}

describe('oauth', () => {
  const client: oauth.Client = {
    baseUrl: 'https://shop.example.com/a/',
    baseUrlName: 'BASE_URL',
    redirectPath: '/callback',
    scopes: ['openid', 'email'],
  };
  const bag: Databag = {
    issuer_url: 'https://idp.lan/',
    authorization_endpoint: 'https://idp.lan/auth',
    token_endpoint: 'https://idp.lan/token',
    introspection_endpoint: 'https://idp.lan/introspect',
    userinfo_endpoint: 'https://idp.lan/userinfo',
    jwks_endpoint: 'https://idp.lan/jwks',
    scope: 'openid profile email phone',
    client_id: 'shop',
    client_secret_id: 'secret:client',
  };
  const all = { ...oauth.variables, ...oauth.ownVariables };
  const read = (app: Databag, as: Partial<oauth.Client> = {}, readSecret: ReadSecret | undefined = secrets) =>
    given(oauth.read(relation(app), { ...client, ...as }, readSecret, '/ca.pem'), all);

  test('asks once it is known where users come back to', () => {
    expect(oauth.request(client).app).toEqual({
      redirect_uri: 'https://shop.example.com/a/callback',
      scope: 'openid email',
      grant_types: '["authorization_code"]',
      audience: '[]',
      token_endpoint_auth_method: 'client_secret_basic',
    });
    for (const baseUrl of [undefined, 'http://shop.example.com', 'nonsense']) {
      expect(oauth.request({ ...client, baseUrl })).toEqual({ unit: {}, app: {} });
    }
  });

  test('gives what Authlib asks for', () => {
    expect(read({ ...bag, ca_chain: JSON.stringify([CA_ONE]) })).toEqual({
      CLIENT_ID: 'shop',
      CLIENT_SECRET: 's@',
      API_BASE_URL: 'https://idp.lan/',
      AUTHORIZE_URL: 'https://idp.lan/auth',
      ACCESS_TOKEN_URL: 'https://idp.lan/token',
      USER_URL: 'https://idp.lan/userinfo',
      JWKS_URL: 'https://idp.lan/jwks',
      CLIENT_KWARGS: '{"scope":"openid email"}',
      REDIRECT_URI: 'https://shop.example.com/a/callback',
      CA_FILE: '/ca.pem',
    });
  });

  test.each<[string, Databag, Partial<oauth.Client>, string]>([
    [
      'no BASE_URL',
      bag,
      { baseUrl: undefined },
      'waiting: BASE_URL is not known, to which users come back: relate haproxy-route or ingress, or set BASE_URL in environment_variables',
    ],
    [
      'a BASE_URL without TLS',
      bag,
      { baseUrl: 'http://shop.lan' },
      'refused: BASE_URL begins with http://, and users may be sent back to https:// only: have the proxy serve TLS',
    ],
    [
      'another BASE_URL',
      bag,
      { baseUrl: 'shop' },
      'refused: BASE_URL is not a URL of http or https; https://shop.example.com is one',
    ],
    ['nothing', {}, {}, 'waiting: idp has not answered yet'],
    ['no keys', without(bag, 'jwks_endpoint'), {}, 'waiting: idp has not given its jwks_endpoint yet'],
    ['no client', without(bag, 'client_id'), {}, 'waiting: idp has not made a client for us yet'],
    [
      'a secret that is not ours',
      { ...bag, client_secret_id: 'secret:other' },
      {},
      'waiting: the secret in which idp keeps the secret of our client cannot be read: permission denied',
    ],
    [
      'a bad URL',
      { ...bag, token_endpoint: 'ftp://idp' },
      {},
      'refused: idp gave a token_endpoint that is not a URL of http or https',
    ],
    [
      'no certificates',
      { ...bag, ca_chain: '["x"]' },
      {},
      'refused: idp gave something other than certificates in ca_chain',
    ],
  ])('%s', (_, app, as, expected) => {
    expect(read(app, as)).toBe(expected);
  });

  test('needs secrets', () => {
    const answer = oauth.read(relation(bag), client, undefined, '/ca.pem');
    expect(given(answer, all)).toMatch(/or upgrade the controller to Juju 3$/);
  });
});

describe('saml', () => {
  const bag: Databag = {
    entity_id: 'https://idp.lan/id',
    x509certs: 'MIIB==, MIIC==',
    metadata_url: 'https://idp.lan/metadata',
    single_sign_on_service_redirect_url: 'https://idp.lan/sso',
    single_sign_on_service_redirect_binding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect',
  };
  const read = (app: Databag) => given(saml.read(relation(app)), saml.variables);

  test('gives what it says', () => {
    expect(read(bag)).toEqual({
      ENTITY_ID: 'https://idp.lan/id',
      METADATA_URL: 'https://idp.lan/metadata',
      SINGLE_SIGN_ON_REDIRECT_URL: 'https://idp.lan/sso',
      SIGNING_CERTIFICATE: 'MIIB==',
      CERTIFICATES: 'MIIB==,MIIC==',
    });
  });

  test.each<[string, Databag, string]>([
    ['nothing', {}, 'waiting: idp has not answered yet'],
    ['no name', without(bag, 'entity_id'), 'waiting: idp has not given its entity_id yet'],
    ['no certificate', { ...bag, x509certs: ' , ' }, 'waiting: idp has not given its signing certificate yet'],
    [
      'a bad URL',
      { ...bag, metadata_url: 'javascript:alert(1)' },
      'refused: idp gave a metadata_url that is not a URL of http or https',
    ],
    [
      'a NUL',
      { ...bag, x509certs: 'a\0' },
      'refused: idp gave a NUL or half a character in x509certs, which no variable can hold',
    ],
  ])('%s', (_, app, expected) => {
    expect(read(app)).toBe(expected);
  });
});

describe('openfga', () => {
  const bag: Databag = {
    ...{ store_id: '01H', token_secret_id: 'secret:token' },
    ...{ http_api_url: 'http://10.0.0.5:8080', grpc_api_url: '10.0.0.5:8081' },
  };
  const read = (app: Databag, readSecret: ReadSecret | undefined = secrets) =>
    given(openfga.read(relation(app), readSecret), openfga.variables);
  const found = {
    ...{ STORE_ID: '01H', TOKEN: 't', API_TOKEN: 't', API_URL: 'http://10.0.0.5:8080' },
    ...{ HTTP_API_URL: 'http://10.0.0.5:8080', GRPC_API_URL: '10.0.0.5:8081' },
  };

  test('gives the store, with the token from a secret or from the databag', () => {
    expect(openfga.request('shop')).toEqual({ store_name: 'shop' });
    expect(read(bag)).toEqual(found);
    expect(read({ ...bag, token_secret_id: '', token: 't' })).toEqual(found);
  });

  test.each<[string, Databag, string]>([
    ['nothing', {}, 'waiting: idp has not answered yet'],
    ['no store', without(bag, 'store_id'), 'waiting: idp has not given a store and a token yet'],
    ['no token', without(bag, 'token_secret_id'), 'waiting: idp has not given a store and a token yet'],
    ['no URL', without(bag, 'http_api_url'), 'waiting: idp has not given its URL yet'],
    [
      'a bad URL',
      { ...bag, http_api_url: 'ten' },
      'refused: idp gave an http_api_url that is not a URL of http or https',
    ],
    [
      'a secret that is not ours',
      { ...bag, token_secret_id: 'secret:other' },
      'waiting: the secret in which idp keeps the token cannot be read: permission denied',
    ],
  ])('%s', (_, app, expected) => {
    expect(read(app)).toBe(expected);
  });

  test('on Juju 2.9 says what to do', () => {
    expect(given(openfga.read(relation(bag), undefined), openfga.variables)).toMatch(
      /remove the relation and relate again, or upgrade the controller to Juju 3$/,
    );
  });
});
