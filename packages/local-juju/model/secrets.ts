/** Secrets: revisions, who may read and who follows, rotation and expiry on the model's clock. */

import type { SecretFields, SecretView } from '../hooktools/world.ts';
import type { Databag } from '../types.ts';
import { dueIn, isDue, now, timestamp } from './clock.ts';
import { nextSecretId } from './ids.ts';
import { LocalError } from './local-error.ts';
import { showEnd } from './relations.ts';
import type { ModelState, Relation, Secret, Unit } from './state.ts';

export function addSecret(
  state: ModelState,
  owner: Secret['owner'],
  content: Databag,
  fields: SecretFields & { readonly id?: string; readonly name?: string },
): Secret {
  const time = timestamp(state);
  const secret: Secret = {
    id: fields.id ?? nextSecretId(state),
    owner,
    name: fields.name,
    label: '',
    description: '',
    rotation: 'never',
    created: time,
    updated: time,
    latest: 1,
    revisions: { 1: { content, created: time, updated: time } },
    grants: [],
    consumers: {},
    obsolete: [],
  };
  state.secrets[secret.id] = secret;
  describeSecret(state, secret, fields);
  return secret;
}

const INTERVALS = {
  hourly: 3600e3,
  daily: 86400e3,
  weekly: 7 * 86400e3,
  monthly: 30 * 86400e3,
  quarterly: 90 * 86400e3,
  yearly: 365 * 86400e3,
} as const;

/** Label, description, rotation and expiry, as far as they are given. */
export function describeSecret(state: ModelState, secret: Secret, fields: SecretFields): void {
  if (fields.label !== undefined) secret.label = fields.label;
  if (fields.description !== undefined) secret.description = fields.description;
  if (fields.rotation !== undefined && fields.rotation !== secret.rotation) {
    secret.rotation = fields.rotation;
    scheduleRotation(state, secret);
  }
  if (fields.expires !== undefined) {
    const left = new Date(fields.expires).getTime() - now(state).getTime();
    secret.expires = { time: fields.expires, due: dueIn(state, left) };
  }
}

function scheduleRotation(state: ModelState, secret: Secret): void {
  if (secret.rotation === 'never') {
    delete secret.rotates;
    return;
  }
  const interval = INTERVALS[secret.rotation];
  const time = new Date(now(state).getTime() + interval).toISOString();
  secret.rotates = { time, due: dueIn(state, interval) };
}

/** Equal content makes no revision. */
export function reviseSecret(state: ModelState, secret: Secret, content: Databag): void {
  const sorted = (bag: Databag) => JSON.stringify(Object.entries(bag).toSorted());
  const current = secret.revisions[String(secret.latest)]?.content ?? {};
  if (sorted(current) === sorted(content)) return;
  const time = timestamp(state);
  secret.latest += 1;
  secret.updated = time;
  secret.revisions[String(secret.latest)] = { content, created: time, updated: time };
}

/** One revision, or all of it. With the quirks of 4.0.14 it stays. */
export function removeSecret(state: ModelState, secret: Secret, revision?: number): void {
  if (state.quirks) return;
  if (revision !== undefined) delete secret.revisions[String(revision)];
  if (revision === undefined || Object.keys(secret.revisions).length === 0) delete state.secrets[secret.id];
}

/** By name, `secret:ID` or ID: one that the operator made. @throws LocalError */
export function needUserSecret(state: ModelState, name: string): Secret {
  const id = name.slice(name.lastIndexOf('/') + 1).replace(/^secret:/, '');
  const found = Object.values(state.secrets).find(
    (secret) => secret.owner.kind === 'model' && (secret.name === name || secret.id === id),
  );
  if (found === undefined) throw new LocalError(`secret ${JSON.stringify(name)} not found`);
  return found;
}

/** As a unit's tools see it. */
export function secretView(state: ModelState, secret: Secret, unit: Unit): SecretView {
  const consumed = secret.consumers[unit.name];
  return {
    id: secret.id,
    owner: secret.owner,
    label: secret.label,
    description: secret.description,
    rotation: secret.rotation,
    expires: secret.expires?.time,
    rotates: secret.rotates?.time,
    latest: secret.latest,
    revisions: Object.fromEntries(Object.entries(secret.revisions).map(([n, { content }]) => [n, content])),
    grants: secret.grants.map((grant) => ({
      target: grant.entity.includes('/') ? `unit-${grant.entity.replace('/', '-')}` : `application-${grant.entity}`,
      scope: grantScope(state, grant.relation),
    })),
    consumed: consumed && { revision: consumed.revision, label: consumed.label },
  };
}

/** `relation-bob.use#ann.serve`, `model-UUID` */
export function grantScope(state: ModelState, id: number | undefined): string {
  const relation: Relation | undefined = id === undefined ? undefined : state.relations[String(id)];
  if (relation === undefined) return `model-${state.uuid}`;
  return `relation-${relation.ends.map((end) => showEnd(end).replace(':', '.')).join('#')}`;
}

export interface SecretEvent {
  readonly name: 'secret-changed' | 'secret-remove' | 'secret-rotate' | 'secret-expired';
  readonly secret: string;
  readonly revision?: number | undefined;
}

/** What a unit is to be told of secrets: as one that follows them, and as the one that manages them. */
export function secretEvent(state: ModelState, unit: Unit): SecretEvent | undefined {
  for (const secret of Object.values(state.secrets)) {
    const consumer = secret.consumers[unit.name];
    if (consumer !== undefined && secret.latest > Math.max(consumer.told, consumer.revision)) {
      return { name: 'secret-changed', secret: secret.id };
    }
    if (!manages(state, unit, secret)) continue;
    if (isDue(state, secret.rotates?.due)) return { name: 'secret-rotate', secret: secret.id };
    if (isDue(state, secret.expires?.due))
      return { name: 'secret-expired', secret: secret.id, revision: secret.latest };
    const [obsolete] = unfollowed(secret);
    if (obsolete !== undefined) return { name: 'secret-remove', secret: secret.id, revision: obsolete };
  }
  return undefined;
}

function manages(state: ModelState, unit: Unit, { owner }: Secret): boolean {
  if (owner.kind === 'unit') return owner.name === unit.name;
  return owner.kind === 'application' && state.applications[owner.name]?.leader === unit.name;
}

function unfollowed(secret: Secret): number[] {
  const followed = new Set(Object.values(secret.consumers).map(({ revision }) => revision));
  return Object.keys(secret.revisions)
    .map(Number)
    .filter((revision) => revision < secret.latest && !followed.has(revision) && !secret.obsolete.includes(revision));
}

/** The unit has been told. */
export function secretEventDone(state: ModelState, unit: Unit, event: SecretEvent): void {
  const secret = state.secrets[event.secret];
  if (secret === undefined) return;
  if (event.name === 'secret-changed') {
    const consumer = secret.consumers[unit.name];
    if (consumer !== undefined) consumer.told = secret.latest;
  } else if (event.name === 'secret-rotate') scheduleRotation(state, secret);
  else if (event.name === 'secret-expired')
    secret.expires = { time: secret.expires?.time ?? '', due: Number.MAX_VALUE };
  else if (event.revision !== undefined) secret.obsolete.push(event.revision);
}
