/**
 * Writes DATABASE_URL: `[postgresql|mysql|mongodb]://user:password@host:port/database?options`.
 * Sources: RFC 3986; PostgreSQL documentation, libpq, "Connection URIs"; MongoDB manual, "Connection Strings". MySQL has
 * no form of its own: options are the arguments by which PyMySQL and mysqlclient connect, as Django and SQLAlchemy pass them on.
 */

import { isWellFormed } from '../system/unicode.ts';
import { authority, type Endpoint } from './endpoint.ts';
import { optionFilePath } from './mysql-option-file.ts';
import type { DatabaseConnection } from './types.ts';

export interface DatabaseUrl {
  readonly href: string;
  /** The options as they are in the URL, TLS included. */
  readonly options: Readonly<Record<string, string>>;
}

/**
 * @param caFile Where the application finds the CA certificate of `connection.tls.ca`; must be given when there is one.
 * @returns a reason instead of a URL for what cannot be written as one.
 */
export function databaseUrl(
  connection: DatabaseConnection,
  caFile: string | undefined,
): DatabaseUrl | { readonly whyNot: string } {
  const { credentials, database, endpoints } = connection;
  const texts = [database, credentials?.user, credentials?.password, ...Object.values(connection.options)];
  if (texts.some((text) => text !== undefined && !isWritable(text))) {
    return { whyNot: 'its credentials or database name hold a NUL or half a character, which no variable can' };
  }
  if (database === '.' || database === '..') {
    return { whyNot: `its database is named "${database}", which a URL reads as a path` };
  }
  const options = { ...connection.options, ...socketOption(connection), ...tlsOptions(connection, caFile) };
  const userInfo = credentials === undefined ? '' : `${encode(credentials.user)}:${encode(credentials.password)}@`;
  const hosts = connection.kind === 'mongodb' ? endpoints : endpoints.slice(0, 1);
  const query = Object.entries(options).map(([key, text]) => `${encode(key)}=${encode(text)}`);
  const search = query.length === 0 ? '' : `?${query.join('&')}`;
  const href = `${schemeOf(connection)}://${userInfo}${hosts.map((host) => hostText(connection, host)).join(',')}/${encode(database)}${search}`;
  return { href, options };
}

/** What stands in front of `://`. */
export const schemeOf = ({ kind, scheme }: DatabaseConnection): string => scheme ?? kind;

/** A host as it stands in the URL: without a port where DNS has the ports. Clients of MySQL take a socket as an option. */
export const hostText = ({ kind, scheme }: DatabaseConnection, { host, port }: Endpoint): string => {
  if (scheme !== undefined) return host;
  return authority({ host: kind === 'mysql' && host.startsWith('/') ? 'localhost' : host, port });
};

/** The unix socket through which MySQL is reached, if it is. */
export function socketOf({ kind, endpoints }: DatabaseConnection): string | undefined {
  const [{ host }] = endpoints;
  return kind === 'mysql' && host.startsWith('/') ? host : undefined;
}

function socketOption(connection: DatabaseConnection): Record<string, string> {
  const socket = socketOf(connection);
  return socket === undefined ? {} : { unix_socket: socket };
}

/** A CA to check against makes the check complete; TLS without one is at least encrypted. */
function tlsOptions(connection: DatabaseConnection, caFile: string | undefined): Record<string, string> {
  if (connection.tls === undefined) return {};
  const { ca } = connection.tls;
  if (ca !== undefined && caFile === undefined) throw new TypeError('a connection with a CA needs a file for it');
  if (connection.kind === 'mysql') {
    return ca === undefined || caFile === undefined ? {} : { read_default_file: optionFilePath(caFile) };
  }
  if (connection.kind === 'mongodb') {
    return ca === undefined || caFile === undefined ? { tls: 'true' } : { tls: 'true', tlsCAFile: caFile };
  }
  return ca === undefined || caFile === undefined
    ? { sslmode: 'require' }
    : { sslmode: 'verify-full', sslrootcert: caFile };
}

/** Only RFC 3986's unreserved characters stay as they are. */
export const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** An environment variable holds no NUL, and UTF-8 no half of a character. */
export const isWritable = (text: string): boolean => !text.includes('\0') && isWellFormed(text);
