/** The `mysql_client` interface, v0, as requirer: MySQL itself, or MySQL Router beside the unit. */

import * as dataPlatform from './data-platform.ts';
import { theirName } from './databag.ts';
import { readEndpoint, sorted } from './endpoint.ts';
import {
  type Answer,
  type DatabaseConnection,
  type ReadSecret,
  type Relation,
  type Request,
  refused,
} from './types.ts';

const DEFAULT_PORT = 3306;

/** Asks for the database, and for no roles: the user has it all, and MySQL Router refuses any. */
export function request(wanted: { readonly database: string }, hasSecrets: boolean): Request {
  return dataPlatform.request({ ...wanted, roles: [], extensions: [] }, hasSecrets);
}

/** Reads the connection; the database is the one that was made, whatever was asked for. */
export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<DatabaseConnection> {
  const answer = dataPlatform.readGiven(relation, readSecret);
  if (answer.kind !== 'ready') return answer;
  const given = answer.connection;
  // MySQL Router says that it is on this machine by the form of its endpoint alone: file:///PATH/mysql.sock.
  const parsed = (text: string) => {
    const isBeside = given.isBeside || text.startsWith('file://');
    return readEndpoint(text, undefined, DEFAULT_PORT, isBeside ? 'on this machine' : 'anywhere');
  };
  const endpoints = given.endpoints.map(parsed);
  const bad = endpoints.find((endpoint) => 'whyNot' in endpoint);
  if (bad !== undefined && 'whyNot' in bad) return refused(`${theirName(relation)} gave ${bad.whyNot}`);
  const [primary, ...others] = endpoints.flatMap((found) => ('endpoint' in found ? [found.endpoint] : []));
  if (primary === undefined) return refused(`${theirName(relation)} gave no host`);
  return {
    kind: 'ready',
    connection: {
      kind: 'mysql',
      relation: relation.id,
      endpoints: [primary, ...others],
      readOnlyEndpoints: sorted(
        given.readOnlyEndpoints.map(parsed).flatMap((found) => ('endpoint' in found ? [found.endpoint] : [])),
      ),
      database: given.database,
      credentials: { user: given.username, password: given.password },
      options: {},
      tls: given.tls,
    },
  };
}
