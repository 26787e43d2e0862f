/** What we write into databags, as the rows of the table say. */
import type { HookContext, RelationId } from '../../juju/types.ts';
import type { Request } from '../../relations/types.ts';
import type { Problem } from '../status.ts';
import { askedOf } from './asked.ts';
import { asRelation, type Related } from './databags.ts';
import { factsFor, ownBagsFor, type UnitFacts } from './facts.ts';
import type { Row, Serving } from './row.ts';
import { RELATIONS } from './table.ts';

type Rows = Readonly<Record<string, Row>>;
type AnyRelations = Readonly<Record<string, readonly Related[]>>;

/**
 * Asks every related charm for what its row says; only the leader may write for the application.
 *
 * @returns options whose value cannot be asked for on a relation that has been asked for another
 */
export function askRelations(
  facts: UnitFacts,
  relations: AnyRelations,
  given: Readonly<Record<string, string>>,
  rows: Rows = RELATIONS,
): Problem[] {
  const held = new Map<string, Problem>();
  for (const [endpoint, row] of Object.entries(rows)) {
    if (row.kind !== 'giving' || row.ask === 'nothing') continue;
    for (const related of relations[endpoint] ?? []) {
      const { id } = related;
      const known = factsFor(facts, { endpoint, id, gives: row.gives }, given);
      const asked = askedOf(row, asRelation(related), known, ownBagsFor(row, facts, id));
      write(facts.juju, id, asked.request);
      for (const problem of asked.held) held.set(problem.message, problem);
    }
  }
  return [...held.values()];
}

/** What is told where nothing is served, and nothing will be. */
export const NOTHING_SERVED = { port: undefined, proxiedPort: undefined, healthPath: undefined } as const;

/**
 * Tells the other sides where the application is served, or that it is not.
 *
 * @param port the port that others should use; undefined while nothing is served
 */
export function publishServing(
  juju: HookContext,
  relations: AnyRelations,
  { port, proxiedPort, healthPath }: Pick<Serving, 'port' | 'proxiedPort' | 'healthPath'>,
  rows: Rows = RELATIONS,
): void {
  for (const [endpoint, row] of Object.entries(rows)) {
    if (row.publish === 'nothing') continue;
    for (const { id } of relations[endpoint] ?? []) {
      const address = () => addressIn(juju, endpoint, id);
      write(juju, id, row.publish({ unit: juju.unit, port, proxiedPort, healthPath, address }));
    }
  }
}

function write(juju: HookContext, id: RelationId, { unit, app }: Request): void {
  if (Object.keys(unit).length > 0) juju.relationSet(id, unit);
  if (Object.keys(app).length > 0 && juju.isLeader()) juju.relationSet(id, app, { app: true });
}

function addressIn(juju: HookContext, endpoint: string, id: RelationId): string | undefined {
  const network = juju.network(endpoint, id);
  return network?.ingressAddresses[0] ?? network?.bindAddresses[0];
}
