/**
 * The `s3` interface, as requirer, of both versions: v0 has the keys in the databag, v1 in a Juju secret. We ask in a way that
 * either understands. Sources: the specifications in canonical/charmlibs, `interfaces/s3`; the library s3 v0 of the data platform.
 */
import * as z from 'zod/mini';
import type { Databag } from '../juju/types.ts';
import { exact, overlay, readTexts, saidAnything, theirName, value, whyNotVariable } from './databag.ts';
import { isHttpUrl } from './http-url.ts';
import { joinPems, readAllPems } from './pem.ts';
import { openSecret } from './secret.ts';
import { type Answer, type ReadSecret, type Relation, type Request, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

/** Fields that are given on as they are. */
const OPTIONAL = ['region', 'storage-class', 's3-api-version', 's3-uri-style', 'path'] as const;

const text = z.optional(z.string());

export const schema = z.object({
  bucket: z.string(),
  accessKey: z.string(),
  secretKey: z.string(),
  endpoint: text,
  region: text,
  path: text,
  storageClass: text,
  apiVersion: text,
  uriStyle: text,
  /** Headers for what is stored, each `NAME: VALUE`. */
  attributes: z.optional(z.array(z.string())),
  /** PEM, a certificate each. */
  caChain: z.optional(z.array(z.string())),
  caFile: text,
});

/** A bucket, and what one needs to use it. */
export type S3 = z.infer<typeof schema>;

/** Asks for a bucket of the application's name, which the other side takes as a wish. */
export function request(application: string, hasSecrets: boolean): Request {
  const ofSecrets: Databag = hasSecrets
    ? { path: '', 'lib-version': '1.0', 'requested-secrets': JSON.stringify(['access-key', 'secret-key']) }
    : {};
  return { unit: {}, app: { bucket: application, ...ofSecrets } };
}

export function read(relation: Relation, readSecret: ReadSecret | undefined, caFile: string): Answer<S3> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const uri = value(relation.app, 'secret-extra');
  const opened = uri === undefined ? { content: {} } : openSecret(uri, 'the keys', them, readSecret);
  if ('whyNot' in opened) return waiting(opened.whyNot);
  const bag = overlay(opened.content, relation.app);
  const accessKey = exact(bag, 'access-key');
  const secretKey = exact(bag, 'secret-key');
  if (accessKey === undefined || secretKey === undefined) {
    return waiting(`${them} has not given an access key and a secret key yet`);
  }
  const bucket = value(bag, 'bucket');
  if (bucket === undefined) return waiting(`${them} has not said yet which bucket it gives`);
  const endpoint = value(bag, 'endpoint');
  if (endpoint !== undefined && !isHttpUrl(endpoint)) {
    return refused(`${them} gave an endpoint that is not a URL of http or https`);
  }
  const attributes = listOf(bag, 'attributes');
  const chain = listOf(bag, 'tls-ca-chain');
  if (attributes === undefined) return refused(`${them} gave attributes that are not a JSON list`);
  const caChain = chain && readAllPems(chain);
  if (caChain === undefined) {
    return refused(`${them} gave something other than certificates in tls-ca-chain`);
  }
  const [region, storageClass, apiVersion, uriStyle, path] = OPTIONAL.map((key) => value(bag, key));
  const fields = { bucket, region, 'access-key': accessKey, 'secret-key': secretKey };
  const whyNot = whyNotVariable({ ...fields, 'storage-class': storageClass, path, attributes: attributes.join('') });
  if (whyNot !== undefined) return refused(`${them} gave ${whyNot}`);
  return {
    kind: 'ready',
    connection: {
      ...{ bucket, accessKey, secretKey, endpoint, region, path, storageClass, apiVersion, uriStyle },
      attributes: attributes.length === 0 ? undefined : attributes,
      caChain: caChain.length === 0 ? undefined : caChain,
      caFile: caChain.length === 0 ? undefined : caFile,
    },
  };
}

/** A field that is a JSON list, of which none is an empty one. */
function listOf(bag: Databag, key: string): string[] | undefined {
  const found = value(bag, key);
  return found === undefined ? [] : readTexts(found);
}

export const certificate = ({ caChain }: S3): string | undefined => caChain && joinPems(caChain);

/** As boto3 and the command line of AWS read them; django-storages takes the first five as settings of the same names. */
export const awsVariables: Variables<S3> = {
  ACCESS_KEY_ID: secret('The access key, as boto3 reads it.', ({ accessKey }) => accessKey),
  SECRET_ACCESS_KEY: secret('The secret key, as boto3 reads it.', ({ secretKey }) => secretKey),
  STORAGE_BUCKET_NAME: plain('The bucket, as django-storages calls it.', ({ bucket }) => bucket),
  DEFAULT_REGION: plain('The region, as boto3 reads it, where there is one.', ({ region }) => region),
  ENDPOINT_URL_S3: plain(
    'The URL of the server, as boto3 reads it, where it is not that of AWS.',
    ({ endpoint }) => endpoint,
  ),
  CA_BUNDLE: plain(
    'Path of the CA certificates of the server, as boto3 reads it, where it gave some.',
    ({ caFile }) => caFile,
  ),
};

export const variables: Variables<S3> = {
  ACCESS_KEY: secret('The access key.', ({ accessKey }) => accessKey),
  SECRET_KEY: secret('The secret key.', ({ secretKey }) => secretKey),
  BUCKET: plain('The bucket.', ({ bucket }) => bucket),
  ENDPOINT: plain('The URL of the server, where it is not that of AWS.', ({ endpoint }) => endpoint),
  REGION: plain('The region, where there is one.', ({ region }) => region),
  PATH: plain('The path in the bucket below which the application is to keep its objects.', ({ path }) => path),
  STORAGE_CLASS: plain('The storage class, where one is asked for.', ({ storageClass }) => storageClass),
  API_VERSION: plain('The version of the signature: 2 or 4.', ({ apiVersion }) => apiVersion),
  URI_STYLE: plain('Where the bucket is in a URL: host or path.', ({ uriStyle }) => uriStyle),
  ADDRESSING_STYLE: plain('The same in the words of boto3: virtual or path.', ({ uriStyle }) =>
    uriStyle === 'host' ? 'virtual' : uriStyle,
  ),
  ATTRIBUTES: plain(
    'A JSON list of headers for what is stored.',
    ({ attributes }) => attributes && JSON.stringify(attributes),
  ),
  TLS_CA_CHAIN: plain(
    'A JSON list of the CA certificates, in PEM.',
    ({ caChain }) => caChain && JSON.stringify(caChain),
  ),
};
