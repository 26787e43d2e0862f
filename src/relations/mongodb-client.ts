/** The `mongodb_client` interface, v0, as requirer. */

import { type Given, readGiven } from './data-platform.ts';
import { theirName } from './databag.ts';
import { readEndpoint, sorted } from './endpoint.ts';
import { type Answer, type DatabaseConnection, type ReadSecret, type Relation, refused } from './types.ts';
import type { ConnectionUri } from './uri.ts';

export { request } from './data-platform.ts';

const DEFAULT_PORT = 27_017;

/** Reads the connection to all hosts. Users of the data platform's charms live in the database `admin`. */
export function read(relation: Relation, readSecret: ReadSecret | undefined): Answer<DatabaseConnection> {
  const answer = readGiven(relation, readSecret);
  if (answer.kind !== 'ready') return answer;
  const given = answer.connection;
  const options = readOptions(given.uri);
  const whyNot = whyNotKept(given, options);
  if (whyNot !== undefined) return refused(`${theirName(relation)} gave ${whyNot}`);
  const found = given.endpoints.map((text) => readEndpoint(text, undefined, DEFAULT_PORT));
  const bad = found.find((endpoint) => 'whyNot' in endpoint);
  if (bad !== undefined && 'whyNot' in bad) return refused(`${theirName(relation)} gave ${bad.whyNot}`);
  const [first, ...others] = sorted(found.flatMap((endpoint) => ('endpoint' in endpoint ? [endpoint.endpoint] : [])));
  if (first === undefined) return refused(`${theirName(relation)} gave no host`);
  if (options.directConnection === 'true' && others.length > 0) {
    return refused(`${theirName(relation)} gave directConnection=true in its uris, and several hosts`);
  }
  const { replicaSet, authSource, authMechanism, tls: encrypted, ssl: _, tlsCAFile: __, ...more } = options;
  const scheme = isSrv(given) ? 'mongodb+srv' : undefined;
  const setName = given.replset ?? replicaSet;
  return {
    kind: 'ready',
    connection: {
      kind: 'mongodb',
      scheme,
      relation: relation.id,
      endpoints: [first, ...others],
      readOnlyEndpoints: [],
      database: given.database,
      credentials: { user: given.username, password: given.password },
      options: {
        ...(setName ? { replicaSet: setName } : {}),
        ...(authMechanism ? { authMechanism } : {}),
        // With mongodb+srv, DNS says where the users are.
        ...(authSource ? { authSource } : authMechanism || scheme ? {} : { authSource: 'admin' }),
        ...more,
        ...(encrypted === 'false' && given.tls === undefined ? { tls: 'false' } : {}),
      },
      tls: given.tls ?? (encrypted === 'true' ? {} : undefined),
    },
  };
}

/** Options by which drivers name a file, which would be one of the other machine. */
const FILES = ['tlsCertificateKeyFile', 'tlsCRLFile', 'sslClientCertificateKeyFile', 'sslPEMKeyFile'];
/** Drivers take options in any case; these are read here, or stand in the way. */
const NAMES = new Map(
  [...['replicaSet', 'authSource', 'authMechanism', 'tls', 'ssl', 'directConnection', 'tlsCAFile'], ...FILES].map(
    (name) => [name.toLowerCase(), name],
  ),
);

function readOptions(uri: ConnectionUri | undefined): Readonly<Record<string, string>> {
  const named = Object.entries(uri?.options ?? {}).map(([name, text]) => [NAMES.get(name.toLowerCase()) ?? name, text]);
  const options: Record<string, string> = Object.fromEntries(named);
  // `ssl` is the older name. A DNS seed list is over TLS unless it says otherwise.
  const tls = options.tls ?? options.ssl ?? (uri?.scheme === 'mongodb+srv' ? 'true' : undefined);
  return tls === undefined ? options : { ...options, tls: tls.toLowerCase() };
}

/** A DNS seed list counts where the fields name no other hosts. */
function isSrv({ uri, endpoints }: Given): boolean {
  return uri?.scheme === 'mongodb+srv' && endpoints.every((endpoint) => uri.hosts.includes(endpoint));
}

function whyNotKept(given: Given, options: Readonly<Record<string, string>>): string | undefined {
  const file = FILES.find((name) => options[name] !== undefined);
  if (file !== undefined) return `${file} in its uris, a file of another machine`;
  if (options.tlsCAFile !== undefined && given.tls?.ca === undefined) {
    return 'tlsCAFile in its uris, a file of another machine, and no CA certificate in tls-ca';
  }
  const [repeated] = given.uri?.repeated ?? [];
  if (repeated !== undefined)
    return `${/^\w{1,40}$/.test(repeated) ? repeated : 'an option'} more than once in its uris`;
  if (isSrv(given) && (given.endpoints.length > 1 || given.endpoints.some((host) => host.includes(':')))) {
    return 'mongodb+srv with a port or several hosts in its uris, which that form cannot have';
  }
  return undefined;
}
