/** What happens to the unit: one event a test. */
import type { RelationId, UnitName } from '../../src/juju/index.ts';

/** An event that is not told by its name alone. */
export type Event =
  | { readonly kind: 'hook'; readonly name: string }
  | {
      readonly kind: 'relation';
      readonly step: 'created' | 'joined' | 'changed' | 'departed' | 'broken';
      readonly id: RelationId;
      readonly unit?: UnitName;
      readonly departing?: UnitName;
    }
  | { readonly kind: 'secret'; readonly name: string; readonly id: string; readonly revision?: number }
  | { readonly kind: 'storage'; readonly step: 'attached' | 'detaching'; readonly id: string }
  | { readonly kind: 'action'; readonly name: string; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'exec'; readonly script: string; readonly env: Readonly<Record<string, string>> };

/** The application at the other side was related: no unit of it is there yet. */
export function relationCreated(id: RelationId): Event {
  return { kind: 'relation', step: 'created', id };
}

/** A remote unit came. */
export function relationJoined(id: RelationId, unit: UnitName): Event {
  return { kind: 'relation', step: 'joined', id, unit };
}

/** A remote unit wrote to its databag; without a unit the remote application did, which may be the first event of all. */
export function relationChanged(id: RelationId, unit?: UnitName): Event {
  return { kind: 'relation', step: 'changed', id, unit };
}

/**
 * A remote unit went. It is in the state before and not in the state after, and its data can be read a last time.
 * @param departing this unit, when it is this one that leaves the relation; the remote unit unless told
 */
export function relationDeparted(id: RelationId, unit: UnitName, departing: UnitName = unit): Event {
  return { kind: 'relation', step: 'departed', id, unit, departing };
}

/** The relation is gone, and all remote units with it. */
export function relationBroken(id: RelationId): Event {
  return { kind: 'relation', step: 'broken', id };
}

/** A secret that this unit reads has a new revision. */
export function secretChanged(id: string): Event {
  return { kind: 'secret', name: 'secret-changed', id };
}

/** Storage of the state was attached: `storageAttached('uploads/0')`. The first comes before install. */
export function storageAttached(id: string): Event {
  return { kind: 'storage', step: 'attached', id };
}

/** Storage is about to go. It is in the state before and not in the state after. */
export function storageDetaching(id: string): Event {
  return { kind: 'storage', step: 'detaching', id };
}

/** `juju run UNIT NAME key=value` */
export function action(name: string, params: Readonly<Record<string, unknown>> = {}): Event {
  return { kind: 'action', name, params };
}

/** `juju exec --unit UNIT -- KEY=VALUE actions/NAME` */
export function exec(script: string, env: Readonly<Record<string, string>> = {}): Event {
  return { kind: 'exec', script, env };
}

/** `config-changed`, `website-relation-changed`: as Juju names it. */
export function eventName(event: Event): string {
  switch (event.kind) {
    case 'relation':
      return `${endpointOf(event.id)}-relation-${event.step}`;
    case 'storage':
      return `${applicationOf(event.id)}-storage-${event.step}`;
    case 'exec':
      return 'juju-exec';
    default:
      return event.name;
  }
}

/** `website` of `website:1` */
export function endpointOf(id: RelationId): string {
  return id.replace(/:.*$/, '');
}

/** `postgresql` of `postgresql/0` */
export function applicationOf(unit: UnitName): string {
  return unit.replace(/\/.*$/, '');
}
