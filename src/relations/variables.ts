/**
 * The environment variables that an application gets from its relations. Besides the layer's own, those that 12-factor
 * charms give for the same relations (paas-charm), so that an application moves between them unchanged.
 */
import { authority, type Endpoint } from './endpoint.ts';
import type { DatabaseConnection } from './types.ts';
import type { DatabaseUrl } from './url.ts';

/** A connection, and the URL that was made of it. */
export interface UsableDatabase {
  readonly connection: DatabaseConnection;
  readonly url: DatabaseUrl;
}

/** What of the relations is ready. */
export interface ReadyRelations {
  readonly postgresql?: UsableDatabase;
  readonly mongodb?: UsableDatabase;
  readonly webservice?: string;
  readonly managerService?: string;
}

/** With both databases, DATABASE_URL is PostgreSQL; MONGO_URL is there whenever MongoDB is. */
export function relationVariables(ready: ReadyRelations): Record<string, string> {
  const { postgresql, mongodb } = ready;
  const main = postgresql ?? mongodb;
  return {
    ...(main === undefined ? {} : { DATABASE_URL: main.url.href }),
    ...(mongodb === undefined ? {} : { MONGO_URL: mongodb.url.href, ...parts('MONGODB_DB', mongodb) }),
    ...(postgresql === undefined ? {} : parts('POSTGRESQL_DB', postgresql)),
    ...(ready.webservice === undefined ? {} : { WEBSERVICE_URL: ready.webservice }),
    ...(ready.managerService === undefined ? {} : { MANAGER_SERVICE_URL: ready.managerService }),
  };
}

/**
 * The URL in pieces, named as Python's urlparse names them. USERNAME, PASSWORD and NAME are decoded, to be used as they
 * are; NETLOC, PATH and QUERY are as in the URL. HOSTNAME and PORT are the first host's, ENDPOINTS are all.
 */
function parts(prefix: string, { connection, url }: UsableDatabase): Record<string, string> {
  const { credentials, endpoints, readOnlyEndpoints } = connection;
  const [, netloc = '', path = '', query = ''] = /^[^:]+:\/\/([^/]*)(\/[^?]*)(?:\?(.*))?$/.exec(url.href) ?? [];
  const [first] = endpoints;
  const named = {
    CONNECT_STRING: url.href,
    SCHEME: connection.kind,
    NETLOC: netloc,
    PATH: path,
    PARAMS: '',
    QUERY: query,
    FRAGMENT: '',
    ...(credentials === undefined ? {} : { USERNAME: credentials.user, PASSWORD: credentials.password }),
    HOSTNAME: first.host,
    PORT: String(first.port),
    NAME: connection.database,
    ENDPOINTS: joined(endpoints),
    ...(readOnlyEndpoints.length === 0 ? {} : { READ_ONLY_ENDPOINTS: joined(readOnlyEndpoints) }),
  };
  return Object.fromEntries(Object.entries(named).map(([name, text]) => [`${prefix}_${name}`, text]));
}

const joined = (endpoints: readonly Endpoint[]): string => endpoints.map(authority).join(',');
