/** A database that an application can use: the connection, the URL made of it, and the variables that say both. */
import * as z from 'zod/mini';
import type { Endpoint } from './endpoint.ts';
import { caFileOf, optionFile } from './mysql-option-file.ts';
import type { Answer, DatabaseConnection } from './types.ts';
import { type DatabaseUrl, databaseUrl, hostText, schemeOf, socketOf } from './url.ts';
import { whyNotReadBack } from './url-check.ts';
import { plain, secret, type Variables } from './variables.ts';

/** A connection, and the URL that was made of it. */
export interface Database {
  readonly connection: DatabaseConnection;
  readonly url: DatabaseUrl;
}

/**
 * A connection with its URL, once that has been read back alike.
 *
 * @param caFile where the application will find the CA certificate, if the connection has one
 */
export async function usable(answer: Answer<DatabaseConnection>, caFile: string): Promise<Answer<Database>> {
  if (answer.kind !== 'ready') return answer;
  const { connection } = answer;
  const url = databaseUrl(connection, connection.tls?.ca === undefined ? undefined : caFile);
  if ('whyNot' in url) return { kind: 'refused', reason: url.whyNot };
  const whyNot = await whyNotReadBack(connection, url);
  if (whyNot !== undefined) return { kind: 'refused', reason: whyNot };
  return { kind: 'ready', connection: { connection, url } };
}

const Address = z.object({ host: z.string(), port: z.number() });
const Texts = z.record(z.string(), z.string());

/** What is kept of a database from hook to hook. */
export const schema = z.object({
  connection: z.object({
    kind: z.enum(['postgresql', 'mysql', 'mongodb']),
    scheme: z.optional(z.literal('mongodb+srv')),
    relation: z.string(),
    endpoints: z.tuple([Address], Address),
    readOnlyEndpoints: z.array(Address),
    database: z.string(),
    credentials: z.optional(z.object({ user: z.string(), password: z.string() })),
    options: Texts,
    tls: z.optional(z.object({ ca: z.optional(z.string()) })),
  }),
  url: z.object({ href: z.string(), options: Texts }),
});

export const certificate = ({ connection }: Database): string | undefined => connection.tls?.ca;

/** With the option file by which clients of MySQL check it. */
export function mysqlCertificate({ connection, url }: Database): { pem: string; cnf: string } | undefined {
  const ca = connection.tls?.ca;
  const path = url.options.read_default_file;
  return ca === undefined || path === undefined ? undefined : { pem: ca, cnf: optionFile(caFileOf(path)) };
}

/** The URL as a whole, under the name that the row gives it. */
export const url = (meaning: string): Variables<Database>[string] => secret(meaning, ({ url: { href } }) => href);

/** The URL in pieces, named as Python's urlparse names them. */
export const parts: Variables<Database> = {
  CONNECT_STRING: secret('The URL.', ({ url: { href } }) => href),
  SCHEME: plain('The URL up to the colon.', ({ connection }) => schemeOf(connection)),
  NETLOC: secret('User, password, hosts and ports as they are in the URL.', (database) => piece(database, 1)),
  PATH: plain('The slash and the database as they are in the URL.', (database) => piece(database, 2)),
  PARAMS: plain('Always empty.', () => ''),
  QUERY: plain('The options as they are in the URL.', (database) => piece(database, 3)),
  FRAGMENT: plain('Always empty.', () => ''),
  USERNAME: secret('The user, decoded.', ({ connection }) => connection.credentials?.user),
  PASSWORD: secret('The password, decoded.', ({ connection }) => connection.credentials?.password),
  HOSTNAME: plain('The first host.', ({ connection }) => connection.endpoints[0].host),
  PORT: plain('The port of the first host; DNS has it where the scheme is mongodb+srv.', ({ connection }) =>
    connection.scheme === undefined ? String(connection.endpoints[0].port) : undefined,
  ),
  NAME: plain('The name of the database, decoded.', ({ connection }) => connection.database),
  ENDPOINTS: plain('All hosts with their ports, with commas between.', ({ connection }) =>
    joined(connection, connection.endpoints),
  ),
  READ_ONLY_ENDPOINTS: plain('Hosts with ports where one may only read, if there are any.', ({ connection }) =>
    connection.readOnlyEndpoints.length === 0 ? undefined : joined(connection, connection.readOnlyEndpoints),
  ),
};

/** Parts of a connection to MySQL that others have not. */
export const mysqlParts: Variables<Database> = {
  SOCKET: plain('The unix socket, where the server is on this machine and is reached through one.', ({ connection }) =>
    socketOf(connection),
  ),
  CA_FILE: plain('Path of the CA certificate, where there is one to check the server with.', ({ url: { options } }) =>
    options.read_default_file === undefined ? undefined : caFileOf(options.read_default_file),
  ),
};

const joined = (connection: DatabaseConnection, endpoints: readonly Endpoint[]): string =>
  endpoints.map((endpoint) => hostText(connection, endpoint)).join(',');

function piece({ url: { href } }: Database, group: 1 | 2 | 3): string {
  return /^[^:]+:\/\/([^/]*)(\/[^?]*)(?:\?(.*))?$/.exec(href)?.[group] ?? '';
}
