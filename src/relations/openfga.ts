/** The `openfga` interface, v1, as requirer: a store of who may do what. Source: the specification in canonical/charmlibs. */
import * as z from 'zod/mini';
import type { Databag } from '../juju/types.ts';
import { exact, saidAnything, theirName, value, whyNotVariable } from './databag.ts';
import { isHttpUrl } from './http-url.ts';
import { openSecret } from './secret.ts';
import { type Answer, type ReadSecret, type Relation, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

export const schema = z.object({
  storeId: z.string(),
  token: z.string(),
  httpApiUrl: z.string(),
  grpcApiUrl: z.optional(z.string()),
});

/** A store, and what one needs to ask it. */
export type OpenFga = z.infer<typeof schema>;

/** The application's databag: a store of the application's name. */
export const request = (application: string): Databag => ({ store_name: application });

export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<OpenFga> {
  const them = theirName(relation);
  const { app } = relation;
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const uri = value(app, 'token_secret_id');
  const opened = uri === undefined ? { content: app } : openSecret(uri, 'the token', them, readSecret);
  if ('whyNot' in opened) return waiting(opened.whyNot);
  const storeId = value(app, 'store_id');
  const token = exact(opened.content, 'token');
  if (storeId === undefined || token === undefined) return waiting(`${them} has not given a store and a token yet`);
  const httpApiUrl = value(app, 'http_api_url');
  if (httpApiUrl === undefined) return waiting(`${them} has not given its URL yet`);
  if (!isHttpUrl(httpApiUrl)) return refused(`${them} gave an http_api_url that is not a URL of http or https`);
  const grpcApiUrl = value(app, 'grpc_api_url');
  const whyNot = whyNotVariable({ store_id: storeId, token, grpc_api_url: grpcApiUrl });
  if (whyNot !== undefined) return refused(`${them} gave ${whyNot}`);
  return { kind: 'ready', connection: { storeId, token, httpApiUrl, grpcApiUrl } };
}

export const variables: Variables<OpenFga> = {
  STORE_ID: plain('The store.', ({ storeId }) => storeId),
  TOKEN: secret('The token.', ({ token }) => token),
  HTTP_API_URL: plain('The URL of the server.', ({ httpApiUrl }) => httpApiUrl),
  GRPC_API_URL: plain('The same by gRPC, where there is one.', ({ grpcApiUrl }) => grpcApiUrl),
  API_URL: plain("The URL of the server, as OpenFGA's own documentation calls it.", ({ httpApiUrl }) => httpApiUrl),
  API_TOKEN: secret("The token, as OpenFGA's own documentation calls it.", ({ token }) => token),
};
