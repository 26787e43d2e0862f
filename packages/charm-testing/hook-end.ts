/** What Juju keeps of a hook that has ended: all that it wrote if it ended well, else only what takes effect at once. */
import type { Databag } from '../../src/juju/index.ts';
import { type Changes, type Pending, type PortView, showRange, withChanges } from '../local-juju/hooktools/index.ts';
import type { Event } from './event.ts';
import type { HookWrites } from './hook-world.ts';
import { presentUnits } from './relation-view.ts';
import { decodedContent } from './secret-view.ts';
import type { Relation, Secret, State } from './state.ts';

/** The state that Juju holds after the hook. */
export function afterHook(state: State, event: Event, writes: HookWrites, endedWell: boolean): State {
  const atOnce: State = {
    ...state,
    status: writes.status,
    applicationStatus: writes.applicationStatus,
    workloadVersion: writes.workloadVersion,
  };
  if (!endedWell) return atOnce;
  const { pending } = writes;
  return {
    ...atOnce,
    relations: state.relations
      .map((relation) => withWrites(relation, pending))
      .flatMap((relation) => withoutGone(relation, event)),
    ports: portsAfter(state, pending),
    stored: withChanges(state.stored, pending.state),
    leaderSettings: withChanges(state.leaderSettings, pending.leaderSettings),
    secrets: secretsAfter(state, writes),
    storage: state.storage.filter(
      ({ id }) => !(event.kind === 'storage' && event.step === 'detaching' && event.id === id),
    ),
  };
}

function withWrites(relation: Relation, pending: Pending): Relation {
  const changed = (bag: Databag, changes: Changes | undefined) => withChanges(bag, changes);
  return {
    ...relation,
    localUnitData: changed(relation.localUnitData, pending.unitBags.get(relation.id)),
    localAppData: changed(relation.localAppData, pending.applicationBags.get(relation.id)),
  };
}

/** A unit that departed and a relation that broke are not there for the next hook. */
function withoutGone(relation: Relation, event: Event): Relation[] {
  if (event.kind !== 'relation' || event.id !== relation.id) return [relation];
  if (event.step === 'broken') return [];
  const present = new Set(presentUnits(relation, event));
  const remoteUnits = Object.fromEntries(Object.entries(relation.remoteUnits).filter(([unit]) => present.has(unit)));
  return [{ ...relation, remoteUnits }];
}

function portsAfter(state: State, { opened, closed }: Pending): string[] {
  const shut = new Set(closed.map((port) => showRange(port)));
  const open = [...state.ports.filter((port) => !shut.has(port)), ...opened.map((port: PortView) => showRange(port))];
  return [...new Set(open)].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
}

function secretsAfter(state: State, { pending, tracked }: HookWrites): Secret[] {
  const removed = new Set(pending.secretsRemoved.flatMap(({ id, revision }) => (revision === undefined ? [id] : [])));
  const kept = state.secrets.filter(({ id }) => !removed.has(id)).map((secret) => changedSecret(secret, pending));
  const added = pending.secretsAdded.map(
    ({ id, owner, label = '', content = {} }): Secret => ({
      id,
      owner,
      label,
      revisions: [decodedContent(content)],
      tracked: undefined,
      granted: true,
    }),
  );
  return [...kept, ...added].map((secret) => {
    const read = tracked.get(secret.id);
    const label = read === undefined || read.label === '' ? secret.label : read.label;
    return read === undefined ? secret : { ...secret, tracked: read.revision, label };
  });
}

/** Equal content makes no revision. */
function changedSecret(secret: Secret, { secretsChanged }: Pending): Secret {
  const change = secretsChanged.get(secret.id);
  if (change === undefined) return secret;
  const label = change.label ?? secret.label;
  if (change.content === undefined) return { ...secret, label };
  const content = decodedContent(change.content);
  const same = JSON.stringify(content) === JSON.stringify(secret.revisions.at(-1));
  return { ...secret, label, revisions: same ? secret.revisions : [...secret.revisions, content] };
}
