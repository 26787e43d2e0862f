/**
 * The relations of this charm, a row each; everything that is done with them follows from here. To add one: a file of
 * its interface in src/relations/, a row here, and its endpoint in metadata.yaml.
 */
import * as z from 'zod/mini';
import * as database from '../../relations/database.ts';
import * as haproxyRoute from '../../relations/haproxy-route.ts';
import * as http from '../../relations/http.ts';
import * as ingress from '../../relations/ingress.ts';
import * as mongodb from '../../relations/mongodb.ts';
import * as mongodbClient from '../../relations/mongodb-client.ts';
import * as mysqlClient from '../../relations/mysql-client.ts';
import * as pgsql from '../../relations/pgsql.ts';
import * as postgresqlClient from '../../relations/postgresql-client.ts';
import * as rabbitmq from '../../relations/rabbitmq.ts';
import * as redis from '../../relations/redis.ts';
import { databaseIdentity, type Wanted } from '../../relations/types.ts';
import * as valkeyClient from '../../relations/valkey-client.ts';
import { plain, prefixed } from '../../relations/variables.ts';
import { type Facts, type Fixed, giving, proxy, type Row, telling } from './row.ts';

/** The database that is asked for: named after the application unless told. */
const wantedDatabase = ({ unit, options }: Facts): Wanted => ({
  database: options.database_name ?? unit.application,
  roles: options.database_roles,
  extensions: options.database_extensions,
});

const postgresql = {
  gives: 'postgresql',
  publish: 'nothing',
  schema: database.schema,
  variables: {
    DATABASE_URL: database.url('The URL of the database.'),
    ...prefixed('POSTGRESQL_DB', database.parts),
  },
  certificate: database.certificate,
  identity: ({ connection }: database.Database) => databaseIdentity(connection),
} as const;

const mongo = {
  ...postgresql,
  gives: 'mongodb',
  variables: {
    DATABASE_URL: database.url('The URL of the database, where no SQL database is related.'),
    MONGO_URL: database.url('The URL of the database.'),
    ...prefixed('MONGODB_DB', database.parts),
  },
} as const;

const redisRow = {
  gives: 'redis',
  publish: 'nothing',
  schema: redis.schema,
  variables: {
    REDIS_URL: redis.url,
    ...prefixed('REDIS_DB', redis.parts),
    ...prefixed('VALKEY_DB', redis.valkeyParts),
    ...prefixed('VALKEY', redis.valkeyFacts),
  },
  certificate: ({ ca }: redis.Redis) => ca,
  identity: 'nothing',
} as const;

/** Only the leader asks, and reads what an earlier leader has asked. */
const OF_DATA_PLATFORM: Fixed = {
  options: { database: 'database_name', 'extra-user-roles': 'database_roles' },
  askedByOthers: 'nothing',
};

const WebService = z.object({ url: z.string() });
const urlOf = ({ url }: http.WebService): string => url;

const ofProxy = {
  ask: 'nothing',
  fixed: 'nothing',
  schema: WebService,
  variables: {
    BASE_URL: plain('Where the proxy serves the application, without a slash at the end.', urlOf),
  },
  certificate: 'nothing',
  identity: 'nothing',
} as const;

export const RELATIONS = {
  website: telling({
    interface: 'http',
    charms: ['haproxy', 'apache2'],
    reads: 'databags',
    publish: ({ port, address }) => {
      const host = port === undefined ? undefined : address();
      return port === undefined || host === undefined ? http.withdraw : http.provide(host, port);
    },
  }),

  'haproxy-route': proxy({
    ...ofProxy,
    interface: 'haproxy-route',
    charms: ['haproxy'],
    gives: 'haproxyRoute',
    publish: ({ unit, port, healthPath, address }) => ({
      unit: haproxyRoute.server(address()),
      app:
        port === undefined || healthPath === undefined
          ? {}
          : haproxyRoute.route({ service: `${unit.modelName}-${unit.application}`, port, healthPath }),
    }),
    read: (relation) => haproxyRoute.read(relation),
  }),

  ingress: proxy({
    ...ofProxy,
    interface: 'ingress',
    charms: ['traefik-k8s', 'nginx-ingress-integrator', 'haproxy'],
    gives: 'ingress',
    publish: ({ unit: { modelName, application }, port, healthPath, address }) => ({
      unit: ingress.server(address()),
      app:
        port === undefined || healthPath === undefined
          ? {}
          : ingress.request({ model: modelName, application, port, healthPath }),
    }),
    read: (relation) => ingress.read(relation),
  }),

  postgres: giving({
    ...postgresql,
    interface: 'pgsql',
    charms: ['postgresql', 'pgbouncer'],
    ask: (facts) => pgsql.request(wantedDatabase(facts)),
    fixed: {
      options: { database: 'database_name', roles: 'database_roles', extensions: 'database_extensions' },
      askedByOthers: (relation, { unit }) => pgsql.askedByOthers(relation, unit.unit),
    },
    read: (relation, facts, asked) => {
      const own = { unit: facts.unit.unit, egressSubnets: facts.network()?.egressSubnets ?? [] };
      return database.usable(pgsql.read(relation, own, pgsql.wantedIn(asked)), facts.certificateFile);
    },
  }),

  postgresql: giving({
    ...postgresql,
    interface: 'postgresql_client',
    charms: ['postgresql', 'pgbouncer'],
    ask: (facts) => postgresqlClient.request(wantedDatabase(facts), facts.readSecret !== undefined),
    fixed: OF_DATA_PLATFORM,
    read: (relation, { readSecret, certificateFile }) =>
      database.usable(postgresqlClient.read(relation, readSecret), certificateFile),
  }),

  mysql: giving({
    interface: 'mysql_client',
    charms: ['mysql', 'mysql-router'],
    gives: 'mysql',
    ask: (facts) => mysqlClient.request(wantedDatabase(facts), facts.readSecret !== undefined),
    fixed: { options: { database: 'database_name' }, askedByOthers: 'nothing' },
    publish: 'nothing',
    read: (relation, { readSecret, certificateFile }) =>
      database.usable(mysqlClient.read(relation, readSecret), certificateFile),
    schema: database.schema,
    variables: {
      DATABASE_URL: database.url('The URL of the database, where no PostgreSQL is related.'),
      ...prefixed('MYSQL_DB', { ...database.parts, ...database.mysqlParts }),
    },
    certificate: database.mysqlCertificate,
    identity: ({ connection }) => databaseIdentity(connection),
  }),

  mongo: giving({
    ...mongo,
    interface: 'mongodb',
    charms: ['mongodb'],
    ask: 'nothing',
    fixed: 'nothing',
    read: (relation, facts) => database.usable(mongodb.read(relation, wantedDatabase(facts)), facts.certificateFile),
  }),

  mongodb: giving({
    ...mongo,
    interface: 'mongodb_client',
    charms: ['mongodb', 'mongos'],
    ask: (facts) => mongodbClient.request(wantedDatabase(facts), facts.readSecret !== undefined),
    fixed: OF_DATA_PLATFORM,
    read: (relation, { readSecret, certificateFile }) =>
      database.usable(mongodbClient.read(relation, readSecret), certificateFile),
  }),

  redis: giving({
    ...redisRow,
    interface: 'redis',
    charms: ['redis-k8s', 'redis'],
    ask: 'nothing',
    fixed: 'nothing',
    read: (relation) => redis.read(relation),
  }),

  valkey: giving({
    ...redisRow,
    interface: 'valkey_client',
    charms: ['valkey'],
    ask: ({ readSecret }) => valkeyClient.request(readSecret !== undefined),
    fixed: 'nothing',
    read: (relation, { readSecret, certificateFile }) => valkeyClient.read(relation, readSecret, certificateFile),
  }),

  rabbitmq: giving({
    interface: 'rabbitmq',
    charms: ['rabbitmq-server', 'rabbitmq-k8s'],
    gives: 'rabbitmq',
    ask: ({ unit }) => rabbitmq.request(unit.application),
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { unit, certificateFile }) => rabbitmq.read(relation, unit.application, certificateFile),
    schema: rabbitmq.schema,
    variables: { AMQP_URL: rabbitmq.url, ...prefixed('RABBITMQ', rabbitmq.parts) },
    certificate: ({ ca }) => ca,
    identity: 'nothing',
  }),

  webservice: giving({
    interface: 'http',
    charms: ['any that provides http'],
    gives: 'webservice',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation) => http.read(relation),
    schema: WebService,
    variables: { WEBSERVICE_URL: plain('Where the web service is, without a slash at the end.', urlOf) },
    certificate: 'nothing',
    identity: 'nothing',
  }),

  'manager-service': giving({
    interface: 'http',
    charms: ['any that provides http'],
    gives: 'managerService',
    ask: 'nothing',
    fixed: 'nothing',
    publish: 'nothing',
    read: (relation, { options }) => http.read(relation, options.manager_service_protocol),
    schema: WebService,
    variables: { MANAGER_SERVICE_URL: plain('Where the manager service is, without a slash at the end.', urlOf) },
    certificate: 'nothing',
    identity: 'nothing',
  }),

  // The files of Nagios and what these two are told belong together: publish/monitoring.ts.
  'nrpe-external-master': telling({
    interface: 'nrpe-external-master',
    charms: ['nrpe'],
    reads: 'databags',
    publish: 'nothing',
  }),
  verify: telling({ interface: 'nrpe-external-master', charms: ['nrpe'], reads: 'presence', publish: 'nothing' }),

  // The subordinate is told once the application is made: publish/gunicorn-subordinate.ts.
  'wsgi-file': telling({ interface: 'wsgi', charms: ['gunicorn'], reads: 'presence', publish: 'nothing' }),
} satisfies Readonly<Record<string, Row>>;

export type Endpoint = keyof typeof RELATIONS;
