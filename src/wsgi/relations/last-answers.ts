/**
 * The last usable answer of each relation. While a database changes hands its charm may say nothing, or half of it; a
 * running application goes on with what it has.
 */
import * as z from 'zod/mini';
import type { RelationId } from '../../juju/types.ts';
import type { PrivateRecord } from '../../system/private-record.ts';
import type { Given, Row } from './row.ts';
import { RELATIONS } from './table.ts';

const KEY = 'wsgi.ready';

const Kept = z.record(z.string(), z.unknown());
/** Older revisions kept the relation of a database with its connection only. */
const Origin = z.union([
  z.object({ relation: z.string() }),
  z.object({ connection: z.object({ relation: z.string() }) }),
]);

/** Answers by the name of what they give. */
export type LastAnswers = ReadonlyMap<string, Given>;

/** What cannot be read, or comes from an endpoint that there is no more, counts for nothing: it is asked again. */
export function readLastAnswers(keep: PrivateRecord, rows: Readonly<Record<string, Row>> = RELATIONS): LastAnswers {
  const kept = Kept.safeParse(keep.get(KEY));
  const answers = Object.entries(kept.success ? kept.data : {}).flatMap(([gives, value]): [string, Given][] => {
    const relation = originOf(value);
    const row = relation === undefined ? undefined : rows[endpointOf(relation)];
    if (relation === undefined || row?.kind !== 'giving') return [];
    const given = row.recall(relation, value);
    return given === undefined ? [] : [[gives, given]];
  });
  return new Map(answers);
}

export function writeLastAnswers(keep: PrivateRecord, answers: LastAnswers): void {
  keep.set(KEY, Object.fromEntries([...answers].map(([gives, { kept }]) => [gives, kept])));
}

function originOf(value: unknown): RelationId | undefined {
  const parsed = Origin.safeParse(value);
  if (!parsed.success) return undefined;
  return 'relation' in parsed.data ? parsed.data.relation : parsed.data.connection.relation;
}

/** `website:3` is of the endpoint `website`. */
export function endpointOf(relation: RelationId): string {
  return relation.slice(0, relation.lastIndexOf(':'));
}
