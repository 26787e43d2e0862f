/**
 * The `oauth` interface, as requirer: an identity provider that speaks OpenID Connect, where the application is a client.
 * Source: the specification in canonical/charmlibs; the library oauth v0 of hydra.
 */
import * as z from 'zod/mini';
import { exact, readTexts, saidAnything, theirName, value, whyNotVariable } from './databag.ts';
import { isHttpUrl } from './http-url.ts';
import { joinPems, readAllPems } from './pem.ts';
import { openSecret } from './secret.ts';
import { type Answer, type ReadSecret, type Relation, type Request, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

/** What the application wants to be as a client. */
export interface Client {
  /** Where it is reached from outside, by the name of the variable that says so; undefined while that is not known. */
  readonly baseUrl: string | undefined;
  readonly baseUrlName: string;
  /** Where users come back to, below that; begins with a slash. */
  readonly redirectPath: string;
  readonly scopes: readonly string[];
}

/** Needed before anybody can log in, by their names in the databag. */
const Endpoints = z.object({
  issuer_url: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  userinfo_endpoint: z.string(),
  jwks_endpoint: z.string(),
});

export const schema = z.object({
  clientId: z.string(),
  clientSecret: z.string(),
  endpoints: Endpoints,
  scope: z.string(),
  redirectUri: z.string(),
  /** PEM, for a file. */
  ca: z.optional(z.string()),
  caFile: z.optional(z.string()),
});

/** What the application is as a client. */
export type OAuth = z.infer<typeof schema>;

/** Asks for a client in the application's databag, once it is known where users come back to. */
export function request(client: Client): Request {
  const redirect = redirectUri(client);
  if ('whyNot' in redirect) return { unit: {}, app: {} };
  return {
    unit: {},
    app: {
      redirect_uri: redirect.uri,
      scope: client.scopes.join(' '),
      grant_types: JSON.stringify(['authorization_code']),
      audience: JSON.stringify([]),
      token_endpoint_auth_method: 'client_secret_basic',
    },
  };
}

export function read(
  relation: Relation,
  client: Client,
  readSecret: ReadSecret | undefined,
  caFile: string,
): Answer<OAuth> {
  const them = theirName(relation);
  const { app } = relation;
  const redirect = redirectUri(client);
  if ('whyNot' in redirect) return client.baseUrl === undefined ? waiting(redirect.whyNot) : refused(redirect.whyNot);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const urls = Object.keys(Endpoints.shape).map((key) => [key, value(app, key)] as const);
  const missing = urls.find(([, url]) => url === undefined);
  if (missing !== undefined) return waiting(`${them} has not given its ${missing[0]} yet`);
  const bad = urls.find(([, url]) => !isHttpUrl(url ?? ''));
  if (bad !== undefined) return refused(`${them} gave a ${bad[0]} that is not a URL of http or https`);
  const clientId = exact(app, 'client_id');
  const uri = value(app, 'client_secret_id');
  if (clientId === undefined || uri === undefined) return waiting(`${them} has not made a client for us yet`);
  const opened = openSecret(
    uri,
    'the secret of our client',
    them,
    readSecret,
    'it needs Juju secrets: remove the relation',
  );
  if ('whyNot' in opened) return waiting(opened.whyNot);
  const clientSecret = exact(opened.content, 'secret');
  if (clientSecret === undefined) return waiting(`${them} has not given the secret of our client yet`);
  const chain = readTexts(value(app, 'ca_chain') ?? '[]');
  const pems = chain && readAllPems(chain);
  if (pems === undefined) {
    return refused(`${them} gave something other than certificates in ca_chain`);
  }
  const whyNot = whyNotVariable({ client_id: clientId, 'the secret of our client': clientSecret });
  if (whyNot !== undefined) return refused(`${them} gave ${whyNot}`);
  return {
    kind: 'ready',
    connection: {
      ...{ clientId, clientSecret, scope: client.scopes.join(' '), redirectUri: redirect.uri },
      endpoints: Endpoints.parse(Object.fromEntries(urls)),
      ca: pems.length === 0 ? undefined : joinPems(pems),
      caFile: pems.length === 0 ? undefined : caFile,
    },
  };
}

/** Providers send users back over TLS only, and to nowhere but here. */
function redirectUri({
  baseUrl,
  baseUrlName: name,
  redirectPath,
}: Client): { readonly uri: string } | { readonly whyNot: string } {
  if (baseUrl === undefined) {
    return {
      whyNot: `${name} is not known, to which users come back: relate haproxy-route or ingress, or set ${name} in environment_variables`,
    };
  }
  if (!isHttpUrl(baseUrl)) return { whyNot: `${name} is not a URL of http or https; https://shop.example.com is one` };
  if (!baseUrl.startsWith('https://')) {
    return {
      whyNot: `${name} begins with http://, and users may be sent back to https:// only: have the proxy serve TLS`,
    };
  }
  return { uri: `${baseUrl.replace(/\/+$/, '')}${redirectPath}` };
}

/** The names are those of Authlib's settings, behind a prefix: `FLASK_OAUTH_CLIENT_ID`. */
export const variables: Variables<OAuth> = {
  CLIENT_ID: plain('The application as a client.', ({ clientId }) => clientId),
  CLIENT_SECRET: secret('The secret of the client.', ({ clientSecret }) => clientSecret),
  API_BASE_URL: plain('The issuer, as it calls itself.', ({ endpoints }) => endpoints.issuer_url),
  AUTHORIZE_URL: plain('Where users are sent to log in.', ({ endpoints }) => endpoints.authorization_endpoint),
  ACCESS_TOKEN_URL: plain('Where a code becomes a token.', ({ endpoints }) => endpoints.token_endpoint),
  USER_URL: plain('Who a token stands for.', ({ endpoints }) => endpoints.userinfo_endpoint),
  JWKS_URL: plain('The keys that tokens are signed with.', ({ endpoints }) => endpoints.jwks_endpoint),
  CLIENT_KWARGS: plain('A JSON object with the scopes: {"scope": "openid ..."}.', ({ scope }) =>
    JSON.stringify({ scope }),
  ),
};

/** What no 12-factor charm gives. */
export const ownVariables: Variables<OAuth> = {
  REDIRECT_URI: plain('Where users come back to.', ({ redirectUri: uri }) => uri),
  CA_FILE: plain('Path of the CA certificates of the provider, where it gave some.', ({ caFile }) => caFile),
};
