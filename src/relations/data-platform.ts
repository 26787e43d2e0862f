/**
 * What `postgresql_client`, `mysql_client` and `mongodb_client` have in common: the application databag, and credentials that are
 * either in it or in Juju secrets. Source: the interface specifications of charm-relation-interfaces, v0.
 */
import type { Databag } from '../juju/types.ts';
import { exact, overlay, saidAnything, theirName, value } from './databag.ts';
import { type Opened, openSecret } from './secret.ts';
import { type Answer, type ReadSecret, type Relation, type Request, type RequestedDatabase, waiting } from './types.ts';
import { type ConnectionUri, parseConnectionUri } from './uri.ts';

const REQUESTED_SECRETS = JSON.stringify(['username', 'password', 'tls', 'tls-ca', 'uris', 'read-only-uris']);

/**
 * Asks for the database, in the application databag only.
 * @param hasSecrets Without secret tools (Juju 2.9) we ask for no secrets, and are then given plain fields.
 */
export const request = (wanted: RequestedDatabase, hasSecrets: boolean): Request => ({
  unit: {},
  app: {
    database: wanted.database,
    'extra-user-roles': wanted.roles.join(','),
    'requested-secrets': hasSecrets ? REQUESTED_SECRETS : '',
  },
});

/** What the provider gave, secrets and plain fields in one. */
export interface Given {
  readonly username: string;
  readonly password: string;
  /** The database that was really made, which may not be the one that was asked for. */
  readonly database: string;
  /** Hosts with or without port, as they stand; never empty. */
  readonly endpoints: readonly string[];
  readonly readOnlyEndpoints: readonly string[];
  readonly replset: string | undefined;
  /** What `uris` says about the same user; another user's is older or newer than the fields. */
  readonly uri: ConnectionUri | undefined;
  /** It is a subordinate, and so on this machine. */
  readonly isBeside: boolean;
  readonly tls?: { readonly ca?: string };
}

/** Reads what both interfaces say alike. */
export function readGiven(relation: Relation, readSecret: ReadSecret | undefined): Answer<Given> {
  const them = theirName(relation);
  const { app } = relation;
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  if (isTrue(value(app, 'subordinated')) && !Object.values(relation.units).some(isReady)) {
    return waiting(`${them} is not ready on this machine yet`);
  }
  const opened = openSecrets(relation, readSecret);
  if (opened.kind !== 'ready') return opened;
  const data = opened.connection;
  const uri = parseConnectionUri(value(data, 'uris') ?? '');
  const username = exact(data, 'username') ?? uri?.user;
  const password = exact(data, 'password') ?? (uri?.user === username ? uri?.password : undefined);
  if (username === undefined || password === undefined) {
    return waiting(`${them} has not given a user and a password yet`);
  }
  const database = value(data, 'database') ?? uri?.database;
  if (database === undefined) return waiting(`${them} has not said yet which database it made`);
  const same = uri?.user === username ? uri : undefined;
  const endpoints = list(value(data, 'endpoints'))?.map((host) => withPort(host, same)) ?? uri?.hosts ?? [];
  if (endpoints.length === 0) return waiting(`${them} has not given its endpoints yet`);
  return {
    kind: 'ready',
    connection: {
      username,
      password,
      database,
      endpoints,
      readOnlyEndpoints: list(value(data, 'read-only-endpoints')) ?? [],
      replset: value(data, 'replset'),
      uri: same,
      isBeside: isTrue(value(app, 'subordinated')),
      ...tlsOf(data),
    },
  };
}

/** The application's databag with what its secrets hold. */
export function openSecrets(relation: Relation, readSecret: ReadSecret | undefined): Answer<Databag> {
  const { app } = relation;
  const secrets = ['secret-user', 'secret-tls'].map((key): Opened => {
    const uri = value(app, key);
    const what = key === 'secret-tls' ? 'its CA certificate' : 'the credentials';
    return uri === undefined ? { content: {} } : openSecret(uri, what, theirName(relation), readSecret);
  });
  const closed = secrets.find((secret) => 'whyNot' in secret);
  if (closed !== undefined && 'whyNot' in closed) return waiting(closed.whyNot);
  const data = secrets.reduce<Databag>(
    (sum, secret) => ('content' in secret ? overlay(secret.content, sum) : sum),
    app,
  );
  return { kind: 'ready', connection: data };
}

/** A host that the fields name without a port has the one that `uris` gives it. */
const withPort = (host: string, uri: ConnectionUri | undefined): string =>
  uri?.hosts.find((candidate) => candidate.startsWith(`${host}:`) && /^\d+$/.test(candidate.slice(host.length + 1))) ??
  host;

/** What the fields say of TLS. */
export function tlsOf(data: Databag): { readonly tls?: { readonly ca?: string } } {
  const ca = value(data, 'tls-ca');
  if (ca?.includes('-----BEGIN CERTIFICATE-----')) return { tls: { ca: `${ca}\n` } };
  return isTrue(value(data, 'tls')) ? { tls: {} } : {};
}

const isReady = (bag: Databag): boolean => value(bag, 'state') === 'ready';

/** Charms write Python's `True`, and others `true` or `enabled`. */
const isTrue = (text: string | undefined): boolean => ['true', 'enabled', '1'].includes(text?.toLowerCase() ?? '');

/** Items between commas; undefined where there is none. */
export function list(text: string | undefined): string[] | undefined {
  const found = (text ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
  return found.length === 0 ? undefined : found;
}
