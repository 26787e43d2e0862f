/** Databases. */
import * as database from '../../../relations/database.ts';
import * as mongodb from '../../../relations/mongodb.ts';
import * as mongodbClient from '../../../relations/mongodb-client.ts';
import * as mysqlClient from '../../../relations/mysql-client.ts';
import * as pgsql from '../../../relations/pgsql.ts';
import * as postgresqlClient from '../../../relations/postgresql-client.ts';
import { databaseIdentity, type RequestedDatabase } from '../../../relations/types.ts';
import { prefixed } from '../../../relations/variables.ts';
import { type Facts, type Fixed, giving, type Row } from '../row.ts';

/** The database that is asked for: named after the application unless told. */
const wantedDatabase = ({ unit, options }: Facts): RequestedDatabase => ({
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

/** Only the leader asks, and reads what an earlier leader has asked. */
const OF_DATA_PLATFORM: Fixed = {
  options: { database: 'database_name', 'extra-user-roles': 'database_roles' },
  askedByOthers: 'nothing',
};

export const DATABASES = {
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
} satisfies Readonly<Record<string, Row>>;
