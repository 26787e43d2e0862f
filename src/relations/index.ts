/**
 * Interfaces of relations, a name each: what a side says in its databags (`request`, `provide`), and the typed value of
 * what the other one said (`read`). All of it is pure: the data comes from `layer-wsgi/juju`.
 *
 * @example
 * ```ts
 * import { http } from 'layer-wsgi/relations';
 *
 * const answer = http.read({
 *   id: 'backend:1',
 *   remoteApp: 'backend',
 *   app: {},
 *   units: { 'backend/0': { hostname: '10.0.0.7', port: '8080' } },
 * });
 * if (answer.kind === 'ready') console.log(answer.connection.url);
 * ```
 *
 * @module
 */

export * as certificateTransfer from './certificate-transfer.ts';
export { formatDsn, parseDsn } from './dsn.ts';
export * as haproxyRoute from './haproxy-route.ts';
export * as http from './http.ts';
export * as ingress from './ingress.ts';
export * as mongodb from './mongodb.ts';
export * as mongodbClient from './mongodb-client.ts';
export * as mysqlClient from './mysql-client.ts';
export * as oauth from './oauth.ts';
export * as openfga from './openfga.ts';
export * as pgsql from './pgsql.ts';
export * as postgresqlClient from './postgresql-client.ts';
export * as rabbitmq from './rabbitmq.ts';
export * as redis from './redis.ts';
export * as s3 from './s3.ts';
export * as saml from './saml.ts';
export * as smtp from './smtp.ts';
export * as tracing from './tracing.ts';
export type { Answer, DatabaseConnection, Own, ReadSecret, Relation, Request, RequestedDatabase } from './types.ts';
export { type DatabaseUrl, databaseUrl } from './url.ts';
export * as valkeyClient from './valkey-client.ts';
