/**
 * The `pgsql` interface, as requirer: PostgreSQL's own charm since 2013, and PgBouncer's.
 * They write to unit databags, newer ones to the application's too.
 */
import type { Databag, UnitName } from '../juju/types.ts';
import { exact, items, overlay, saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { parseDsn, splitDsns } from './dsn.ts';
import { authority, type Endpoint, readEndpoint, sorted } from './endpoint.ts';
import { within } from './subnets.ts';
import {
  type Answer,
  type DatabaseConnection,
  type Own,
  type Relation,
  type Request,
  type RequestedDatabase,
  refused,
  waiting,
} from './types.ts';
import { parseConnectionUri } from './uri.ts';

const DEFAULT_PORT = 5432;

/** libpq options of a `master` connection string that mean the same on our machine. */
const KEPT_OPTIONS = ['application_name', 'client_encoding', 'connect_timeout', 'gssencmode', 'options', 'sslmode'];

/** What we ask for, alike in both databags: old charms read the one, new charms the other. */
export function request(wanted: RequestedDatabase): Request {
  const asked = {
    database: wanted.database,
    roles: wanted.roles.join(','),
    extensions: wanted.extensions.join(','),
  };
  return { unit: asked, app: asked };
}

/** What a request asks for. */
export function wantedIn(asked: Databag): RequestedDatabase {
  return { database: asked.database ?? '', roles: items(asked.roles, /,/), extensions: items(asked.extensions, /,/) };
}

/**
 * What other units of ours have asked for, which the other side repeats for those that it lets in. Older charms take any
 * one unit's request for that of all, so that a unit which asks for something else changes it for the others.
 */
export function askedByOthers(relation: Relation, ownUnit: UnitName): Databag {
  const [application] = ownUnit.split('/');
  const offer = offers(relation).find((bag) =>
    items(value(bag, 'allowed-units'), /[\s,]+/).some((unit) => unit !== ownUnit && unit.split('/')[0] === application),
  );
  if (offer === undefined || value(offer, 'database') === undefined) return {};
  return Object.fromEntries(
    ['database', 'roles', 'extensions'].flatMap((key) => {
      const text = value(offer, key);
      return text === undefined ? [] : [[key, text]];
    }),
  );
}

/** Reads the connection to the primary, once it serves this unit and has the database that was asked for. */
export function read(relation: Relation, own: Own, wanted: RequestedDatabase): Answer<DatabaseConnection> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const answers = offers(relation).map((offer) => readOffer(offer, relation, own, wanted));
  return answers.find(({ kind }) => kind === 'ready') ?? answers[0] ?? waiting(`${them} has not answered yet`);
}

/** What each unit says, with the application's databag before its own; the likeliest primary first. */
function offers(relation: Relation): Databag[] {
  const units = unitsByAge(relation).map(([, bag]) => overlay(relation.app, bag));
  return (units.length === 0 ? [relation.app] : units).sort((a, b) => rank(a) - rank(b));
}

function rank(offer: Databag): number {
  const says = value(offer, 'master') !== undefined || value(offer, 'host') !== undefined;
  if (!says) return 3;
  const state = value(offer, 'state');
  if (state === 'master' || state === 'standalone') return 0;
  return state === undefined ? 1 : 2;
}

function readOffer(
  offer: Databag,
  relation: Relation,
  own: Own,
  wanted: RequestedDatabase,
): Answer<DatabaseConnection> {
  const them = theirName(relation);
  const primary = readPrimary(offer);
  if (primary === undefined) {
    return waiting(
      value(offer, 'state') === 'hot standby' ? `${them} has no primary yet` : `${them} has not given a host yet`,
    );
  }
  if (primary.user === undefined || primary.password === undefined) {
    return waiting(`${them} has not given a user and a password yet`);
  }
  if (primary.database === undefined) return waiting(`${them} has not made the database ${wanted.database} yet`);
  if (primary.database !== wanted.database) {
    const other = /^[\w.-]{1,63}$/.test(primary.database) ? `the database ${primary.database}` : 'another database';
    return waiting(`${them} offers ${other}, not yet ${wanted.database} as asked`);
  }
  const missing = [
    ...lacking('role', wanted.roles, value(offer, 'roles')),
    ...lacking('extension', wanted.extensions, value(offer, 'extensions')),
  ];
  if (missing.length > 0) return waiting(`${them} has not given the ${missing.join(' and the ')} yet`);
  if (!admits(offer, own)) {
    return waiting(`${them} does not let ${own.unit} in yet: neither allowed-units nor allowed-subnets has it`);
  }
  const endpoint = readEndpoint(primary.host, primary.port, primary.defaultPort);
  if ('whyNot' in endpoint) {
    if (endpoint.whyNot === 'no port') return waiting(`${them} has not given a port yet`);
    return refused(`${them} gave ${endpoint.whyNot}`);
  }
  return {
    kind: 'ready',
    connection: {
      kind: 'postgresql',
      relation: relation.id,
      endpoints: [endpoint.endpoint],
      readOnlyEndpoints: standbys(offer, relation, endpoint.endpoint),
      database: primary.database,
      credentials: { user: primary.user, password: primary.password },
      options: primary.options,
    },
  };
}

interface Primary {
  readonly host: string;
  readonly port: string | undefined;
  /** A connection string without a port means libpq's; fields without one are half-written. */
  readonly defaultPort: number | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** The `master` connection string, which is the newer during a fail-over; what it lacks comes from the fields. */
function readPrimary(offer: Databag): Primary | undefined {
  const dsn = readConninfo(value(offer, 'master'));
  const isStandby = value(offer, 'state') === 'hot standby';
  const host = dsn?.host ?? (isStandby ? undefined : value(offer, 'host'));
  if (host === undefined) return undefined;
  const user = dsn?.user ?? exact(offer, 'user');
  return {
    host,
    port: dsn?.host === undefined ? value(offer, 'port') : dsn.port,
    defaultPort: dsn?.host === undefined ? undefined : DEFAULT_PORT,
    database: dsn?.database ?? value(offer, 'database'),
    user,
    // The password of another user would be that of before the fail-over.
    password: dsn?.password ?? (user === exact(offer, 'user') ? exact(offer, 'password') : undefined),
    options: dsn?.options ?? {},
  };
}

interface Conninfo {
  readonly host: string | undefined;
  readonly port: string | undefined;
  readonly database: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly options: Readonly<Record<string, string>>;
}

/** A connection string in either of libpq's two forms; of several hosts, the first. */
function readConninfo(text: string | undefined): Conninfo | undefined {
  if (text === undefined) return undefined;
  const uri = /^postgres(?:ql)?:\/\//.test(text) ? parseConnectionUri(text) : undefined;
  if (uri !== undefined) return { ...uri, host: uri.hosts[0], port: undefined, options: kept(uri.options) };
  const dsn = parseDsn(text);
  if (dsn === undefined) return undefined;
  const host = value(dsn, 'host') ?? value(dsn, 'hostaddr');
  return {
    host: items(host, /,/)[0],
    port: items(value(dsn, 'port'), /,/)[0],
    database: exact(dsn, 'dbname'),
    user: exact(dsn, 'user'),
    password: exact(dsn, 'password'),
    options: kept(dsn),
  };
}

const kept = (options: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).filter(([key, text]) => KEPT_OPTIONS.includes(key) && text !== ''));

/** Standbys that are named in the offer, and units that call themselves one. */
function standbys(offer: Databag, relation: Relation, primary: Endpoint): Endpoint[] {
  const named = splitDsns(value(offer, 'standbys') ?? '').map((text) => {
    const dsn = readConninfo(text);
    return dsn?.host === undefined ? undefined : readEndpoint(dsn.host, dsn.port, DEFAULT_PORT);
  });
  const units = unitsByAge(relation)
    .filter(([, bag]) => value(bag, 'state') === 'hot standby')
    .map(([, bag]) => readEndpoint(value(bag, 'host') ?? '', value(bag, 'port'), DEFAULT_PORT));
  return sorted(
    [...named, ...units].flatMap((found) => (found !== undefined && 'endpoint' in found ? [found.endpoint] : [])),
  ).filter((endpoint) => authority(endpoint) !== authority(primary));
}

function admits(offer: Databag, own: Own): boolean {
  return (
    items(value(offer, 'allowed-units'), /[\s,]+/).includes(own.unit) ||
    within(own.egressSubnets, items(value(offer, 'allowed-subnets'), /[\s,]+/))
  );
}

/** `citext:public` and `citext(public)` ask for citext in a schema; either spelling, or the name alone, may come back. */
function lacking(what: string, asked: readonly string[], given: string | undefined): string[] {
  const plain = (name: string) => name.split(/[:(]/, 1)[0];
  const names = new Set(items(given, /[\s,]+/).map(plain));
  return asked.filter((name) => !names.has(plain(name))).map((name) => `${what} ${name}`);
}
