/** What the relations give the application: variables, certificates, and what is still missing. */
import type { HookContext } from '../../juju/types.ts';
import { chooseOldest } from '../../relations/choose.ts';
import * as http from '../../relations/http.ts';
import * as mongodb from '../../relations/mongodb.ts';
import * as mongodbClient from '../../relations/mongodb-client.ts';
import * as pgsql from '../../relations/pgsql.ts';
import * as postgresqlClient from '../../relations/postgresql-client.ts';
import {
  type Answer,
  type DatabaseConnection,
  databaseIdentity,
  type ReadSecret,
  type Relation,
  type Wanted,
} from '../../relations/types.ts';
import { databaseUrl } from '../../relations/url.ts';
import { whyNotReadBack } from '../../relations/url-check.ts';
import { relationVariables, type UsableDatabase } from '../../relations/variables.ts';
import type { Options } from '../config/options.ts';
import { CERTIFICATES } from '../paths.ts';
import { Problem } from '../status.ts';
import type { Related, Relations } from './databags.ts';
import { type LastReady, relationsOf } from './last-answers.ts';

export interface Connections {
  readonly variables: Readonly<Record<string, string>>;
  /** PEM by file name, to be put into the folder of certificates. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Which databases these are, whatever their hosts and passwords; a change means to provision again. */
  readonly databases: readonly string[];
  /** To be remembered for the next hook. */
  readonly ready: LastReady;
  /** A relation that the application used is gone, and with it the credentials. */
  readonly revoked: boolean;
  readonly problems: readonly Problem[];
  /** The first relation that gives nothing, and has not given anything before. */
  readonly missing: Problem | undefined;
  /** For the log: which of several relations is used. */
  readonly remarks: readonly string[];
}

const DATABASES = { postgresql: ['postgres', 'postgresql'], mongodb: ['mongo', 'mongodb'] } as const;
const SERVICES = { webservice: 'webservice', managerService: 'manager-service' } as const;
type NotReady = Exclude<Answer<never>, { readonly kind: 'ready' }>;
type DatabaseEndpoint = (typeof DATABASES)[keyof typeof DATABASES][number];

/** Asks every related database for ours, on the unit's databag and, as leader, the application's. */
export function requestDatabases(juju: HookContext, options: Options, relations: Relations): void {
  const wanted = wantedDatabase(juju, options);
  const legacy = pgsql.request(wanted);
  const client = postgresqlClient.request(wanted, hasSecrets(juju));
  for (const { id } of relations.postgres) {
    juju.relationSet(id, legacy.unit);
    if (juju.isLeader()) juju.relationSet(id, legacy.app, { app: true });
  }
  for (const { id } of [...relations.postgresql, ...relations.mongodb]) {
    if (juju.isLeader()) juju.relationSet(id, client.app, { app: true });
  }
}

/**
 * Reads every relation that gives the application something.
 *
 * @param last what was ready before; counts for a relation that is still there and is not ready now
 * @param certificatePath a machine path as the application sees it
 */
export async function readConnections(
  juju: HookContext,
  options: Options,
  relations: Relations,
  last: LastReady,
  certificatePath: (path: string) => string,
): Promise<Connections> {
  const readers = databaseReaders(juju, options);
  const ready: LastReady = {};
  const problems: Problem[] = [];
  let missing: Problem | undefined;
  const remarks: string[] = [];
  const choose = <Candidate extends Relation>(candidates: readonly Candidate[]): Candidate | undefined => {
    const choice = chooseOldest(candidates);
    if (choice?.remark !== undefined) remarks.push(choice.remark);
    return choice?.chosen;
  };
  const instead = <Found>(endpoint: string, answer: NotReady, before: Found | undefined): Found | undefined => {
    const problem = problemOf(endpoint, answer);
    problems.push(problem);
    if (before === undefined) missing ??= problem;
    return before;
  };

  for (const kind of ['postgresql', 'mongodb'] as const) {
    const candidates = DATABASES[kind].flatMap((endpoint) =>
      relations[endpoint].map((related) => ({ endpoint, ...asRelation(related) })),
    );
    const relation = choose(candidates);
    if (relation === undefined) continue;
    const answer = await usable(readers[relation.endpoint](relation), certificatePath);
    const before = last[kind]?.connection.relation === relation.id ? last[kind] : undefined;
    const found = answer.kind === 'ready' ? answer.connection : instead(relation.endpoint, answer, before);
    if (found !== undefined) ready[kind] = found;
  }
  for (const kind of ['webservice', 'managerService'] as const) {
    const relation = choose(relations[SERVICES[kind]].map(asRelation));
    if (relation === undefined) continue;
    const answer = http.read(relation, kind === 'managerService' ? options.manager_service_protocol : undefined);
    const before = last[kind]?.relation === relation.id ? last[kind] : undefined;
    const found =
      answer.kind === 'ready'
        ? { relation: relation.id, url: answer.connection.url }
        : instead(SERVICES[kind], answer, before);
    if (found !== undefined) ready[kind] = found;
  }

  return {
    variables: variablesOf(ready),
    certificates: certificatesOf(ready),
    databases: [ready.postgresql, ready.mongodb].flatMap((one) => (one ? [databaseIdentity(one.connection)] : [])),
    ready,
    revoked: isRevoked(relations, last),
    problems,
    missing,
    remarks,
  };
}

/** Whether a relation that the application uses is gone, and with it the credentials. */
export function isRevoked(relations: Relations, last: LastReady): boolean {
  const present = new Set(Object.values(relations).flatMap((all) => all.map(({ id }) => id)));
  return relationsOf(last).some((id) => !present.has(id));
}

/** The database that is asked for: named after the application unless told. */
function wantedDatabase(juju: HookContext, options: Options): Wanted {
  return {
    database: options.database_name ?? juju.unit.application,
    roles: options.database_roles,
    extensions: options.database_extensions,
  };
}

/** Juju has secrets since 3.0. */
function hasSecrets(juju: HookContext): boolean {
  return Number.parseInt(juju.unit.jujuVersion, 10) >= 3;
}

function databaseReaders(
  juju: HookContext,
  options: Options,
): Record<DatabaseEndpoint, (relation: Relation) => Answer<DatabaseConnection>> {
  const wanted = wantedDatabase(juju, options);
  const readSecret: ReadSecret | undefined = hasSecrets(juju)
    ? (uri) => juju.secret(uri, { refresh: true })
    : undefined;
  return {
    postgres: (relation) => {
      const egressSubnets = juju.network('postgres', relation.id)?.egressSubnets ?? [];
      return pgsql.read(relation, { unit: juju.unit.unit, egressSubnets }, wanted);
    },
    postgresql: (relation) => postgresqlClient.read(relation, readSecret),
    mongo: (relation) => mongodb.read(relation, wanted),
    mongodb: (relation) => mongodbClient.read(relation, readSecret),
  };
}

function asRelation({ id, app, appBag, units }: Related): Relation {
  return { id, remoteApp: app, app: appBag, units };
}

/** A connection with its URL, once that has been read back alike. */
async function usable(
  answer: Answer<DatabaseConnection>,
  certificatePath: (path: string) => string,
): Promise<Answer<UsableDatabase>> {
  if (answer.kind !== 'ready') return answer;
  const { connection } = answer;
  const ca = connection.tls?.ca === undefined ? undefined : certificatePath(certificateFile(connection.kind));
  const url = databaseUrl(connection, ca);
  if ('whyNot' in url) return { kind: 'refused', reason: url.whyNot };
  const whyNot = await whyNotReadBack(connection, url);
  if (whyNot !== undefined) return { kind: 'refused', reason: whyNot };
  return { kind: 'ready', connection: { connection, url } };
}

function certificateFile(kind: DatabaseConnection['kind']): string {
  return `${CERTIFICATES}/${kind}.pem`;
}

function certificatesOf({ postgresql, mongodb }: LastReady): Map<string, string> {
  return new Map(
    [postgresql, mongodb].flatMap((database) => {
      const ca = database?.connection.tls?.ca;
      return database === undefined || ca === undefined ? [] : [[certificateFile(database.connection.kind), ca]];
    }),
  );
}

function variablesOf({ postgresql, mongodb, webservice, managerService }: LastReady): Record<string, string> {
  return relationVariables({
    postgresql,
    mongodb,
    webservice: webservice?.url,
    managerService: managerService?.url,
  });
}

/** What the other side got wrong may come right by itself, but somebody had better look. */
function problemOf(endpoint: string, answer: NotReady): Problem {
  return new Problem(answer.kind === 'waiting' ? 'waiting' : 'blocked', `${endpoint}: ${answer.reason}`);
}
