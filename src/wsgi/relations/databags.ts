/** What the relations say now, as one plain value: the input of every decision about databases, website and checks. */
import type { Databag, HookContext, RelationId, UnitName } from '../../juju/types.ts';
import type { Relation } from '../../relations/types.ts';
import type { Endpoint } from './table.ts';

/** One relation of an endpoint: who is there, and what they said. */
export interface Related {
  readonly id: RelationId;
  readonly app: string | undefined;
  readonly appBag: Databag;
  readonly units: Readonly<Record<UnitName, Databag>>;
}

export type Relations = Readonly<Record<Endpoint, readonly Related[]>>;

/** What of the other side matters: all that it writes, what it says as an application and who is there, or only that it is. */
export interface Reads {
  readonly reads: 'databags' | 'application' | 'presence';
}

/** Reads every relation of these endpoints once, from the context's memory where that is good. */
export function observe<Name extends string>(
  juju: HookContext,
  endpoints: Readonly<Record<Name, Reads>>,
): Readonly<Record<Name, readonly Related[]>> {
  const relations: Record<string, readonly Related[]> = {};
  // In one order, wherever the list of endpoints comes from: hooks compare digests of this.
  for (const [endpoint, { reads }] of Object.entries<Reads>(endpoints).sort(([a], [b]) => (a < b ? -1 : 1))) {
    relations[endpoint] = relationIds(juju, endpoint).map((id) =>
      reads === 'presence' ? { id, app: undefined, appBag: {}, units: {} } : readRelated(juju, id, reads),
    );
  }
  return relations as Record<Name, readonly Related[]>;
}

/** In relation-broken the relation is still listed, and is already gone for everybody who asks. */
function relationIds(juju: HookContext, endpoint: string): RelationId[] {
  const broken = juju.event.relation?.step === 'broken' ? juju.event.relation.id : undefined;
  return juju.relationIds(endpoint).filter((id) => id !== broken);
}

function readRelated(juju: HookContext, id: RelationId, reads: Reads['reads']): Related {
  const app = juju.relationApp(id);
  const departing = juju.event.relation?.id === id ? juju.event.relation.departingUnit : undefined;
  const units = juju.relationUnits(id).filter((unit) => unit !== departing);
  return {
    id,
    app,
    appBag: app === undefined ? {} : juju.relationGet(id, app),
    units: Object.fromEntries(units.map((unit) => [unit, reads === 'databags' ? juju.relationGet(id, unit) : {}])),
  };
}

/** A relation as the readers of interfaces take it. */
export function asRelation({ id, app, appBag, units }: Related): Relation {
  return { id, remoteApp: app, app: appBag, units };
}
