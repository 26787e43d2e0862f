/** What the relations say now, as one plain value: the input of every decision about databases, website and checks. */
import type { Databag, HookContext, RelationId, UnitName } from '../../juju/types.ts';

/** The endpoints of metadata.yaml whose remote side matters to what this unit serves. */
export const READ_ENDPOINTS = [
  'website',
  'postgres',
  'postgresql',
  'mongo',
  'mongodb',
  'webservice',
  'manager-service',
  'nrpe-external-master',
  'verify',
  'wsgi-file',
] as const;
export type ReadEndpoint = (typeof READ_ENDPOINTS)[number];

/** One relation of an endpoint: who is there, and what they said. */
export interface Related {
  readonly id: RelationId;
  readonly app: string | undefined;
  readonly appBag: Databag;
  readonly units: Readonly<Record<UnitName, Databag>>;
}

export type Relations = Readonly<Record<ReadEndpoint, readonly Related[]>>;

/** Endpoints of which only the presence counts: what the other side writes there is never asked for. */
const PRESENCE_ONLY: ReadonlySet<string> = new Set(['verify', 'wsgi-file']);

/** Reads every relation once, from the context's memory where that is good. */
export function observeRelations(juju: HookContext): Relations {
  const relations: Record<string, readonly Related[]> = {};
  for (const endpoint of READ_ENDPOINTS) {
    relations[endpoint] = relationIds(juju, endpoint).map((id) => readRelated(juju, endpoint, id));
  }
  return relations as Relations;
}

/** In relation-broken the relation is still listed, and is already gone for everybody who asks. */
function relationIds(juju: HookContext, endpoint: ReadEndpoint): RelationId[] {
  const broken = juju.event.relation?.step === 'broken' ? juju.event.relation.id : undefined;
  return juju.relationIds(endpoint).filter((id) => id !== broken);
}

function readRelated(juju: HookContext, endpoint: ReadEndpoint, id: RelationId): Related {
  if (PRESENCE_ONLY.has(endpoint)) return { id, app: undefined, appBag: {}, units: {} };
  const app = juju.relationApp(id);
  const departing = juju.event.relation?.id === id ? juju.event.relation.departingUnit : undefined;
  const units = juju.relationUnits(id).filter((unit) => unit !== departing);
  return {
    id,
    app,
    appBag: app === undefined ? {} : juju.relationGet(id, app),
    units: Object.fromEntries(units.map((unit) => [unit, juju.relationGet(id, unit)])),
  };
}
