/**
 * What the interfaces have in common: one relation as this unit sees it, and the answer read from it.
 * Everything in this folder is pure: databags in, values out.
 */
import type { Databag, RelationId, UnitName } from '../juju/types.ts';
import type { Endpoint } from './endpoint.ts';

/** One relation of an endpoint, with what the other side has written. */
export interface Relation {
  readonly id: RelationId;
  /** Juju may not tell it: before the first event, or in relation-broken of an old agent. */
  readonly remoteApp: string | undefined;
  /** The remote application's databag; empty when it has none. */
  readonly app: Databag;
  /** Databags of the remote units that are in the relation now, by unit name. */
  readonly units: Readonly<Record<UnitName, Databag>>;
}

/** Who asks. */
export interface Own {
  readonly unit: UnitName;
  /** `egress-subnets` of network-get for the relation: where our connections come from. */
  readonly egressSubnets: readonly string[];
}

/** Reads a secret by its URI. Absent as a whole where Juju has no secret tools (2.9). */
export type ReadSecret = (uri: string) => { readonly content?: Databag; readonly whyNot?: string };

/** What we write into our databags of a relation; the caller leaves `app` out when the unit is not the leader. */
export interface Request {
  readonly unit: Databag;
  readonly app: Databag;
}

/** The database that the charm asks for. */
export interface RequestedDatabase {
  readonly database: string;
  /** PostgreSQL roles, or extra user roles; empty for none. */
  readonly roles: readonly string[];
  /** PostgreSQL extensions; empty for none. */
  readonly extensions: readonly string[];
}

/**
 * What a relation says. A `reason` is a clause without a full stop that reads on after `waiting: postgres: `; it never
 * holds a credential.
 */
export type Answer<Connection> =
  | { readonly kind: 'ready'; readonly connection: Connection }
  | { readonly kind: 'waiting'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Everything an application needs to reach its database. */
export interface DatabaseConnection {
  readonly kind: 'postgresql' | 'mysql' | 'mongodb';
  /** The hosts are looked up in DNS, by the name of the one endpoint; its port means nothing then. */
  readonly scheme?: 'mongodb+srv' | undefined;
  readonly relation: RelationId;
  /** PostgreSQL, MySQL: the primary first, then other read-write endpoints. MongoDB: all hosts, sorted. Never empty. */
  readonly endpoints: readonly [Endpoint, ...Endpoint[]];
  /** Where one may only read; sorted. */
  readonly readOnlyEndpoints: readonly Endpoint[];
  readonly database: string;
  /** User and password are there both or not at all; only an old MongoDB has none. */
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  /** Options of the URL besides those of TLS: `replicaSet`, `authSource`, `connect_timeout`. */
  readonly options: Readonly<Record<string, string>>;
  /** Absent when the other side did not ask for TLS; `ca` is PEM, to be put into a file. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

/**
 * What a database is: the relation and its name. Host, port and password may change without it; when this changes, the
 * application's data is somewhere else and has to be provisioned.
 */
export const databaseIdentity = (connection: DatabaseConnection): string =>
  `${connection.relation}/${connection.database}`;

export const waiting = (reason: string): { readonly kind: 'waiting'; readonly reason: string } => ({
  kind: 'waiting',
  reason,
});

export const refused = (reason: string): { readonly kind: 'refused'; readonly reason: string } => ({
  kind: 'refused',
  reason,
});
