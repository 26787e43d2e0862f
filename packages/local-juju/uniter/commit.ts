/** The end of a hook that went well: all that it wrote becomes so, or, where one thing may not be, none of it. */

import type { Pending, SecretFields, ToolContext, World } from '../hooktools/world.ts';
import { withChanges } from '../hooktools/world.ts';
import { writeBag } from '../model/relations.ts';
import { addSecret, describeSecret, removeSecret, reviseSecret } from '../model/secrets.ts';
import type { ModelState, Relation, Secret, Unit } from '../model/state.ts';

/** Why what the hook wrote is refused; the hook counts as failed. */
export class CommitError extends Error {
  override readonly name = 'CommitError';
}

/** @throws CommitError before anything has changed */
export function commit(state: ModelState, unit: Unit, world: World, context: ToolContext): void {
  const { pending } = context;
  checkPorts(unit, world, pending);
  checkSecrets(state, unit, pending);
  commitBags(state, unit, pending);
  commitPorts(unit, pending);
  unit.state = { ...withChanges(unit.state, pending.state) };
  commitLeaderSettings(state, unit, pending);
  commitSecrets(state, unit, pending);
}

function checkPorts(unit: Unit, world: World, pending: Pending): void {
  const unknown = pending.opened
    .map(({ endpoint }) => endpoint)
    .filter((name) => name !== '' && !world.endpoints.includes(name));
  if (unknown.length === 0) return;
  const looking = `looking up relation endpoint uuids for unit "${unit.uuid}"`;
  throw new CommitError(
    `update ports: ${looking}: invalid endpoint(s); [${unknown.join(' ')}] does exist on unit ${unit.uuid}`,
  );
}

function manages(unit: Unit, secret: Secret | undefined): secret is Secret {
  if (secret === undefined) return false;
  return secret.owner.name === (secret.owner.kind === 'unit' ? unit.name : unit.application);
}

function checkSecrets(state: ModelState, unit: Unit, pending: Pending): void {
  const refuse = (what: string) => {
    throw new CommitError(`${what}: "${unit.name}" is not allowed to manage this secret`);
  };
  for (const [id] of pending.secretsChanged) if (!manages(unit, state.secrets[id])) refuse('updating secrets');
  for (const { id } of pending.secretsRevoked) if (!manages(unit, state.secrets[id])) refuse('revoking secrets');
  for (const { id } of pending.secretsRemoved) if (!manages(unit, state.secrets[id])) refuse('removing secrets');
  for (const added of pending.secretsAdded) {
    checkLabel(state, unit, added.owner, added, added.id, (id) => `create secrets: creating secret "${id}"`);
  }
  for (const [id, fields] of pending.secretsChanged) {
    const kind = state.secrets[id]?.owner.kind === 'unit' ? 'unit' : 'application';
    checkLabel(state, unit, kind, fields, id, () => `update secrets: updating secret "${id}"`);
  }
}

/** A label names one secret of an owner. */
function checkLabel(
  state: ModelState,
  unit: Unit,
  kind: 'application' | 'unit',
  { label }: SecretFields,
  id: string,
  what: (id: string) => string,
): void {
  const owner = kind === 'unit' ? unit.name : unit.application;
  const taken = Object.values(state.secrets).some(
    (secret) => secret.id !== id && secret.label === label && secret.owner.kind === kind && secret.owner.name === owner,
  );
  if (label === undefined || label === '' || !taken) return;
  const lead = kind === 'application' ? 'executing leadership func: ' : '';
  throw new CommitError(`${lead}${what(id)}: secret with label ${JSON.stringify(label)} already exists`);
}

/** A unit's own address is Juju's to say: what a charm writes over it lives as long as the hook. */
const ADDRESSES = ['ingress-address', 'egress-subnets'];
/** A databag with a larger value is lost without a word. */
const LARGEST_VALUE = 16 * 1024 * 1024;

function commitBags(state: ModelState, unit: Unit, pending: Pending): void {
  const relationOf = (id: string): Relation | undefined => state.relations[id.slice(id.lastIndexOf(':') + 1)];
  const own = Number.parseInt(state.jujuVersion, 10) >= 4;
  for (const [id, changes] of pending.unitBags) {
    const kept = new Map([...changes].filter(([key]) => !(own && ADDRESSES.includes(key))));
    write(relationOf(id), unit.name, kept);
  }
  for (const [id, changes] of pending.applicationBags) {
    write(relationOf(id), unit.application, changes);
  }
}

function write(relation: Relation | undefined, entity: string, changes: ReadonlyMap<string, string>): void {
  if (relation === undefined || [...changes.values()].some((value) => value.length > LARGEST_VALUE)) return;
  writeBag(relation, entity, withChanges(relation.bags[entity]?.data ?? {}, new Map(changes)));
}

function commitPorts(unit: Unit, pending: Pending): void {
  const closes = (port: Unit['ports'][number]) =>
    pending.closed.some(
      (closed) =>
        closed.protocol === port.protocol &&
        closed.from === port.from &&
        closed.to === port.to &&
        closed.endpoint === port.endpoint,
    );
  unit.ports = [...unit.ports.filter((port) => !closes(port)), ...pending.opened.map((port) => ({ ...port }))];
}

function commitLeaderSettings(state: ModelState, unit: Unit, pending: Pending): void {
  const application = state.applications[unit.application];
  if (application === undefined || pending.leaderSettings.size === 0) return;
  const settings = withChanges(application.leaderSettings, pending.leaderSettings);
  if (JSON.stringify(settings) !== JSON.stringify(application.leaderSettings)) application.leaderSettingsVersion += 1;
  application.leaderSettings = { ...settings };
}

function commitSecrets(state: ModelState, unit: Unit, pending: Pending): void {
  for (const added of pending.secretsAdded) {
    const name = added.owner === 'unit' ? unit.name : unit.application;
    addSecret(state, { kind: added.owner, name }, added.content ?? {}, added);
  }
  for (const [id, fields] of pending.secretsChanged) {
    const secret = state.secrets[id];
    if (secret === undefined) continue;
    describeSecret(state, secret, fields);
    if (fields.content !== undefined) reviseSecret(state, secret, fields.content);
  }
  for (const { id, relation, unit: reader } of pending.secretsGranted) {
    const grant = {
      entity: reader ?? relation.remoteApp,
      relation: Number(relation.id.slice(relation.id.lastIndexOf(':') + 1)),
    };
    const grants = state.secrets[id]?.grants ?? [];
    if (!grants.some(({ entity, relation: of }) => entity === grant.entity && of === grant.relation))
      grants.push(grant);
  }
  for (const { id, relation, unit: reader } of pending.secretsRevoked) {
    const secret = state.secrets[id];
    const [entity, number] = [
      reader ?? relation.remoteApp,
      Number(relation.id.slice(relation.id.lastIndexOf(':') + 1)),
    ];
    if (secret === undefined) continue;
    secret.grants = secret.grants.filter((grant) => !(grant.entity === entity && grant.relation === number));
  }
  for (const { id, revision } of pending.secretsRemoved) {
    const secret = state.secrets[id];
    if (secret !== undefined) removeSecret(state, secret, revision);
  }
}
