/** The `mongodb_client` interface, v0, as requirer. */

import { readGiven } from './data-platform.ts';
import { theirName } from './databag.ts';
import { readEndpoint, sorted } from './endpoint.ts';
import { type Answer, type DatabaseConnection, type ReadSecret, type Relation, refused } from './types.ts';

export { request } from './data-platform.ts';

const DEFAULT_PORT = 27_017;

/** Reads the connection to all hosts. Users of the data platform's charms live in the database `admin`. */
export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<DatabaseConnection> {
  const answer = readGiven(relation, readSecret);
  if (answer.kind !== 'ready') return answer;
  const given = answer.connection;
  const found = given.endpoints.map((text) => readEndpoint(text, undefined, DEFAULT_PORT));
  const bad = found.find((endpoint) => 'whyNot' in endpoint);
  if (bad !== undefined && 'whyNot' in bad) return refused(`${theirName(relation)} gave ${bad.whyNot}`);
  const [first, ...others] = sorted(found.flatMap((endpoint) => ('endpoint' in endpoint ? [endpoint.endpoint] : [])));
  if (first === undefined) return refused(`${theirName(relation)} gave no host`);
  const { replicaSet, authSource, authMechanism } = given.options;
  const setName = given.replset ?? replicaSet;
  return {
    kind: 'ready',
    connection: {
      kind: 'mongodb',
      relation: relation.id,
      endpoints: [first, ...others],
      readOnlyEndpoints: [],
      database: given.database,
      credentials: { user: given.username, password: given.password },
      options: {
        ...(setName ? { replicaSet: setName } : {}),
        ...(authMechanism ? { authMechanism } : {}),
        ...(authSource || !authMechanism ? { authSource: authSource || 'admin' } : {}),
      },
      tls: given.tls,
    },
  };
}
