/**
 * Reads a URL back with the libraries that applications' own readers resemble, before an application gets it.
 * The libraries are loaded only here, so that a charm without a database does not pay for them.
 */
import type { DatabaseConnection } from './types.ts';
import { type DatabaseUrl, hostText } from './url.ts';

/** @returns a reason when what is read back is not what was meant; it holds no credential. */
export async function whyNotReadBack(connection: DatabaseConnection, url: DatabaseUrl): Promise<string | undefined> {
  const wrong = await DIFFERS[connection.kind](connection, url).catch(() => 'form');
  return wrong === undefined ? undefined : `its ${wrong} cannot be written as a URL that is read back alike`;
}

async function differsForPostgresql(connection: DatabaseConnection, url: DatabaseUrl): Promise<string | undefined> {
  const { parse } = await import('pg-connection-string');
  // The library warns about sslmode=require, and opens the file of sslrootcert, which need not be there yet.
  const [withoutOptions = ''] = url.href.split('?', 1);
  const found = parse(withoutOptions);
  const [primary] = connection.endpoints;
  if (found.user !== connection.credentials?.user) return 'user';
  if (found.password !== connection.credentials?.password) return 'password';
  if (found.host !== primary.host || found.port !== String(primary.port)) return 'host';
  // It decodes the path as decodeURI does, which leaves an encoded `/?#:@&=+$,;` as it is.
  if (found.database !== decodeURI(encodeURIComponent(connection.database))) return 'database name';
  return sameOptions(new URL(url.href).searchParams, url) ? undefined : 'options';
}

async function differsForMongodb(connection: DatabaseConnection, url: DatabaseUrl): Promise<string | undefined> {
  const { ConnectionString } = await import('mongodb-connection-string-url');
  const found = new ConnectionString(url.href);
  if (decodeURIComponent(found.username) !== (connection.credentials?.user ?? '')) return 'user';
  if (decodeURIComponent(found.password) !== (connection.credentials?.password ?? '')) return 'password';
  if (found.hosts.join() !== connection.endpoints.map((host) => hostText(connection, host)).join()) return 'hosts';
  if (decodeURIComponent(found.pathname.slice(1)) !== connection.database) return 'database name';
  return sameOptions(found.searchParams, url) ? undefined : 'options';
}

/** Libraries for MySQL have no form of their own and take the URL apart as any other. */
async function differsForMysql(connection: DatabaseConnection, url: DatabaseUrl): Promise<string | undefined> {
  const found = new URL(url.href);
  if (decodeURIComponent(found.username) !== (connection.credentials?.user ?? '')) return 'user';
  if (decodeURIComponent(found.password) !== (connection.credentials?.password ?? '')) return 'password';
  if (found.host !== hostText(connection, connection.endpoints[0])) return 'host';
  if (decodeURIComponent(found.pathname.slice(1)) !== connection.database) return 'database name';
  return sameOptions(found.searchParams, url) ? undefined : 'options';
}

const DIFFERS = { postgresql: differsForPostgresql, mysql: differsForMysql, mongodb: differsForMongodb };

function sameOptions(found: Iterable<[string, string]>, url: DatabaseUrl): boolean {
  const options = [...found];
  return (
    options.length === Object.keys(url.options).length && options.every(([key, text]) => url.options[key] === text)
  );
}
