import type { HookEvent, RelationId, UnitName } from '../juju/types.ts';
import { digest } from './digest.ts';
import { isObject } from './json.ts';
import type { Flag, HandlerApi, Json } from './types.ts';

type Event = NonNullable<HookEvent['relation']>;
/** The joined units of each relation of one endpoint. */
type Members = Record<RelationId, readonly UnitName[]>;

/** The endpoints that flags such as `endpoint.db.changed.host` speak of. */
export function watchedEndpoints(flags: readonly Flag[]): string[] {
  const names = flags.flatMap((flag) => /^endpoint\.([^.]+)\./.exec(flag)?.[1] ?? []);
  return [...new Set(names)].sort();
}

/**
 * - `endpoint.EP.joined` while any remote unit is there.
 * - `endpoint.EP.departed` from a departed hook until the next other hook while still joined.
 * - `endpoint.EP.changed` and `endpoint.EP.changed.KEY` when a remote unit's value of KEY is new or another; whoever
 *   handles them clears them. A key that went is no change.
 */
export function manageEndpoint(api: HandlerApi, endpoint: string, fresh: boolean): void {
  const { flags, data, event } = api;
  const relation = event.relation?.endpoint === endpoint ? event.relation : undefined;
  const known = fresh ? undefined : rememberedMembers(data.get(membersKey(endpoint)));
  const members = known ? follow(known, relation) : readMembers(api, endpoint, relation);
  data.set(membersKey(endpoint), members);
  if (relation) forget(api, relation);

  const joined = Object.values(members).some((units) => units.length > 0);
  const wasJoined = flags.isSet(`endpoint.${endpoint}.joined`);
  flags.toggle(`endpoint.${endpoint}.joined`, joined);
  if (relation?.step === 'departed') flags.set(`endpoint.${endpoint}.departed`);
  else if (joined) flags.clear(`endpoint.${endpoint}.departed`);

  const all = known === undefined || !wasJoined;
  for (const [id, units] of Object.entries(members)) {
    for (const unit of units) {
      const named = relation?.id === id && relation.remoteUnit === unit;
      if (all || named) compare(api, endpoint, id, unit);
    }
  }
}

/** What an event of the endpoint does to the units that are there. */
function follow(members: Members, relation: Event | undefined): Members {
  if (!relation) return members;
  const { id, remoteUnit, step } = relation;
  if (step === 'broken') return Object.fromEntries(Object.entries(members).filter(([other]) => other !== id));
  const others = (members[id] ?? []).filter((unit) => unit !== remoteUnit);
  const gone = step === 'departed' || remoteUnit === undefined;
  return { ...members, [id]: gone ? others : [...others, remoteUnit].sort() };
}

/** All units that are there; one that departs is still listed by Juju in its own departed hook. */
function readMembers({ juju }: HandlerApi, endpoint: string, relation: Event | undefined): Members {
  const ids = juju.relationIds(endpoint).filter((id) => !(relation?.step === 'broken' && relation.id === id));
  return Object.fromEntries(
    ids.map((id) => {
      const leaving = relation?.step === 'departed' && relation.id === id ? relation.remoteUnit : undefined;
      return [id, juju.relationUnits(id).filter((unit) => unit !== leaving)];
    }),
  );
}

function compare({ flags, data, juju }: HandlerApi, endpoint: string, id: RelationId, unit: UnitName): void {
  const key = unitKey(id, unit);
  const remembered = data.get(key);
  const before = isObject(remembered) ? remembered : {};
  const now = new Map(Object.entries(before));
  for (const [name, value] of Object.entries(juju.relationGet(id, unit))) {
    const fingerprint = digest(value);
    if (now.get(name) === fingerprint) continue;
    now.set(name, fingerprint);
    flags.set(`endpoint.${endpoint}.changed`);
    flags.set(`endpoint.${endpoint}.changed.${name}`);
  }
  data.set(key, Object.fromEntries(now));
}

/** What went is not remembered: relation ids and unit names never come again. */
function forget({ data }: HandlerApi, { id, step, remoteUnit }: Event): void {
  if (step === 'departed' && remoteUnit !== undefined) data.unset(unitKey(id, remoteUnit));
  if (step === 'broken') for (const key of data.keys(unitKey(id, ''))) data.unset(key);
}

function membersKey(endpoint: string): string {
  return `reactive.endpoint.${endpoint}`;
}

function unitKey(id: RelationId, unit: UnitName): string {
  return `reactive.relation.${id}.${unit}`;
}

function rememberedMembers(value: Json | undefined): Members | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).map(([id, units]) => [id, Array.isArray(units) ? units.map(String) : []]);
  return Object.fromEntries(entries);
}
