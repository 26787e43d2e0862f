/** The `postgresql_client` interface, v0, as requirer. */

import { readGiven } from './data-platform.ts';
import { theirName } from './databag.ts';
import { readEndpoint, sorted } from './endpoint.ts';
import { type Answer, type DatabaseConnection, type ReadSecret, type Relation, refused } from './types.ts';

export { request } from './data-platform.ts';

const DEFAULT_PORT = 5432;

/** Options of `uris` that libpq knows and that do not name a file of the other machine. */
const KEPT_OPTIONS = [
  ...['application_name', 'channel_binding', 'client_encoding', 'connect_timeout', 'gssencmode', 'options'],
  ...['keepalives', 'keepalives_idle', 'keepalives_interval', 'keepalives_count', 'tcp_user_timeout'],
  ...['load_balance_hosts', 'target_session_attrs'],
];

/** Reads the connection; the database is the one that was made, whatever was asked for. */
export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<DatabaseConnection> {
  const answer = readGiven(relation, readSecret);
  if (answer.kind !== 'ready') return answer;
  const given = answer.connection;
  const where = given.isBeside ? 'on this machine' : 'anywhere';
  const endpoints = given.endpoints.map((text) => readEndpoint(text, undefined, DEFAULT_PORT, where));
  const bad = endpoints.find((endpoint) => 'whyNot' in endpoint);
  if (bad !== undefined && 'whyNot' in bad) return refused(`${theirName(relation)} gave ${bad.whyNot}`);
  const [primary, ...others] = endpoints.flatMap((found) => ('endpoint' in found ? [found.endpoint] : []));
  if (primary === undefined) return refused(`${theirName(relation)} gave no host`);
  const sslmode = given.tls === undefined ? given.uri?.options.sslmode : undefined;
  if (sslmode?.startsWith('verify-') && given.uri?.options.sslrootcert !== 'system') {
    return refused(
      `${theirName(relation)} asks for sslmode=${sslmode} in its uris, and gave no CA certificate in tls-ca`,
    );
  }
  const readOnly = given.readOnlyEndpoints.map((text) => readEndpoint(text, undefined, DEFAULT_PORT));
  return {
    kind: 'ready',
    connection: {
      kind: 'postgresql',
      relation: relation.id,
      endpoints: [primary, ...others],
      readOnlyEndpoints: sorted(readOnly.flatMap((found) => ('endpoint' in found ? [found.endpoint] : []))),
      database: given.database,
      credentials: { user: given.username, password: given.password },
      options: {
        ...Object.fromEntries(Object.entries(given.uri?.options ?? {}).filter(([key]) => KEPT_OPTIONS.includes(key))),
        ...(sslmode && { sslmode, ...(sslmode.startsWith('verify-') && { sslrootcert: 'system' }) }),
      },
      tls: given.tls,
    },
  };
}
