/** What the relations give the application: variables, certificates, and what is still missing. */
import { byAge, chooseOldest } from '../../relations/choose.ts';
import type { Answer, Relation } from '../../relations/types.ts';
import { Problem } from '../status.ts';
import { askedOf } from './asked.ts';
import { asRelation, type Related } from './databags.ts';
import { certificateFile, factsFor, ownBagsFor, type UnitFacts } from './facts.ts';
import { endpointOf, type LastAnswers } from './last-answers.ts';
import type { Given, GivingRow, Row } from './row.ts';
import { RELATIONS } from './table.ts';

export interface Connections {
  readonly variables: Readonly<Record<string, string>>;
  /** Values of variables that no log may show. */
  readonly secrets: readonly string[];
  /** Text of the files of certificates by machine path. */
  readonly certificates: ReadonlyMap<string, string>;
  /** Certificates in PEM to trust besides those that the machine does; empty for none. */
  readonly trusted: string;
  /** Which stores of data these are, whatever their hosts and passwords; a change means to provision again. */
  readonly databases: readonly string[];
  /** To be remembered for the next hook. */
  readonly answers: LastAnswers;
  /** A relation that the application used is gone, and with it the credentials. */
  readonly revoked: boolean;
  readonly problems: readonly Problem[];
  /** The first relation that gives nothing, and has not given anything before. */
  readonly missing: Problem | undefined;
  /** For the log: which of several relations is used. */
  readonly remarks: readonly string[];
}

type Rows = Readonly<Record<string, Row>>;
/** Relations by endpoint; what the table does not name is not looked at. */
type AnyRelations = Readonly<Record<string, readonly Related[]>>;
type NotReady = Exclude<Answer<never>, { readonly kind: 'ready' }>;

/**
 * Reads every relation that gives the application something.
 *
 * @param last what was ready before; counts for a relation that is still there and is not ready now
 */
export async function readConnections(
  facts: UnitFacts,
  relations: AnyRelations,
  last: LastAnswers,
  rows: Rows = RELATIONS,
): Promise<Connections> {
  const answers = new Map<string, Given>();
  const problems: Problem[] = [];
  const remarks: string[] = [];
  let missing: Problem | undefined;
  let variables: Readonly<Record<string, string>> = {};

  for (const [gives, endpoints] of givers(rows)) {
    const candidates = endpoints.flatMap(([endpoint, row]) =>
      (relations[endpoint] ?? []).map((related) => ({ endpoint, row, ...asRelation(related) })),
    );
    const choice = choose(candidates);
    if (choice.remark !== undefined) remarks.push(choice.remark);
    for (const { endpoint, row, ...relation } of choice.chosen) {
      const key = row.counts === 'every' ? relation.id : gives;
      const known = factsFor(facts, { endpoint, id: relation.id, gives }, variables);
      const { request } = askedOf(row, relation, known, ownBagsFor(row, facts, relation.id));
      const answer = await row.read(relation, known, { ...request.app, ...request.unit });
      const before = last.get(key);
      const found = answer.kind === 'ready' ? answer.connection : before?.relation === relation.id ? before : undefined;
      if (answer.kind !== 'ready') {
        const problem = problemOf(endpoint, answer);
        problems.push(problem);
        if (found === undefined && row.startWaits) missing ??= problem;
      }
      if (found === undefined) continue;
      answers.set(key, found);
      variables = { ...found.variables, ...variables };
    }
  }

  const found = [...answers];
  return {
    variables,
    secrets: found.flatMap(([, { secrets }]) => secrets),
    certificates: filesOf(found.filter(([, { certificate }]) => certificate.bundle === undefined)),
    trusted: found.flatMap(([, { certificate }]) => certificate.bundle ?? []).join(''),
    databases: found.flatMap(([, { identity }]) => (identity === undefined ? [] : [identity])),
    answers,
    revoked: isRevoked(relations, last, rows),
    problems,
    missing,
    remarks,
  };
}

/** Whether a relation is gone that the application has credentials or trust from. */
export function isRevoked(relations: AnyRelations, last: LastAnswers, rows: Rows = RELATIONS): boolean {
  const present = new Set(Object.values(relations).flatMap((all) => all.map(({ id }) => id)));
  const gone = [...last.values()].filter(({ relation }) => !present.has(relation));
  return gone.some(({ relation }) => {
    const row = rows[endpointOf(relation)];
    return !(row?.kind === 'giving' && !row.endRevokes);
  });
}

/** Whether the application is given something only once a proxy serves it. */
export function needsProxy(relations: AnyRelations, rows: Rows = RELATIONS): boolean {
  return Object.entries(rows).some(
    ([endpoint, row]) => row.kind === 'giving' && row.needsProxy && (relations[endpoint] ?? []).length > 0,
  );
}

interface Candidate extends Relation {
  readonly endpoint: string;
  readonly row: GivingRow;
}

/** Those of the relations that count, the oldest first, and a remark for the log where others do not. */
function choose(candidates: readonly Candidate[]): { readonly chosen: readonly Candidate[]; readonly remark?: string } {
  if (candidates.every(({ row }) => row.counts === 'every')) return { chosen: byAge(candidates) };
  const choice = chooseOldest(candidates);
  return choice === undefined ? { chosen: [] } : { chosen: [choice.chosen], remark: choice.remark };
}

function filesOf(found: readonly (readonly [string, Given])[]): Map<string, string> {
  return new Map(
    found.flatMap(([gives, { certificate }]) =>
      Object.entries(certificate).map(([extension, text]) => [certificateFile(gives, extension), text]),
    ),
  );
}

/** The rows that give something, by what they give, in the order of the table. */
function givers(rows: Rows): Map<string, [string, GivingRow][]> {
  const found = new Map<string, [string, GivingRow][]>();
  for (const [endpoint, row] of Object.entries(rows)) {
    if (row.kind === 'giving') found.set(row.gives, [...(found.get(row.gives) ?? []), [endpoint, row]]);
  }
  return found;
}

/** The other side may correct this by itself, but a person should look. */
function problemOf(endpoint: string, answer: NotReady): Problem {
  return new Problem(answer.kind === 'waiting' ? 'waiting' : 'blocked', `${endpoint}: ${answer.reason}`);
}
