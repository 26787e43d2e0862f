/** secret-add, secret-set, secret-grant, secret-revoke, secret-remove: pending until the hook ends well. */

import type { Databag } from '../types.ts';
import { needRelation, relationFlag } from './relations.ts';
import { expireTime, needSecretId, rotatePolicy, secretData, secretFile } from './secret-uri.ts';
import { managedSecrets } from './secrets-read.ts';
import { checkEmpty, type Invocation, parseQuiet, stringFlag, ToolError } from './tool.ts';
import type { PendingGrant, SecretFields } from './world.ts';

export function secretAdd(run: Invocation): void {
  const { rest, owner, file, fields } = upsertArguments(run);
  if (rest.length === 0 && file === '') throw new ToolError(2, 'missing secret value or filename');
  const content = { ...secretData(run, rest), ...(file === '' ? {} : secretFile(run, file)) };
  if (Object.keys(content).length === 0) throw new ToolError(1, 'empty secret value not valid');
  needLeader(run, owner);
  const id = run.context.newSecretId();
  run.context.pending.secretsAdded.push({ ...fields(), id, owner, content });
  run.stdout += `secret://${run.world.modelUuid}/${id}\n`;
}

export function secretSet(run: Invocation): void {
  const { rest, file, fields } = upsertArguments(run);
  const [uri, ...args] = rest;
  if (uri === undefined) throw new ToolError(2, 'missing secret URI');
  const id = needSecretId(uri);
  const content: Databag = { ...secretData(run, args), ...(file === '' ? {} : secretFile(run, file)) };
  const changes: SecretFields = Object.keys(content).length === 0 ? fields() : { ...fields(), content };
  const { pending } = run.context;
  const added = pending.secretsAdded.find((secret) => secret.id === id);
  if (added !== undefined) {
    Object.assign(added, changes);
    return;
  }
  const secret = run.world.secrets.find((one) => one.id === id);
  if (secret?.owner.kind === 'application' && secret.owner.name === run.world.application)
    needLeader(run, 'application');
  pending.secretsChanged.set(id, { ...pending.secretsChanged.get(id), ...changes });
}

function needLeader(run: Invocation, owner: 'application' | 'unit'): void {
  if (owner === 'application' && !run.world.leader) throw new ToolError(1, 'this unit is not the leader');
}

function upsertArguments(run: Invocation): {
  readonly rest: string[];
  readonly owner: 'application' | 'unit';
  readonly file: string;
  readonly fields: () => SecretFields;
} {
  const [expire, rotate, description, label, file] = [
    stringFlag(),
    stringFlag(),
    stringFlag(),
    stringFlag(),
    stringFlag(),
  ];
  const owner = stringFlag('application');
  const rest = parseQuiet(run, {
    expire: expire.flag,
    rotate: rotate.flag,
    description: description.flag,
    label: label.flag,
    file: file.flag,
    owner: owner.flag,
  });
  const fields: SecretFields = {};
  if (expire.value !== '') fields.expires = expireTime(expire.value, run.world.now);
  if (rotate.value !== '') fields.rotation = rotatePolicy(rotate.value);
  if (owner.value !== 'application' && owner.value !== 'unit') {
    throw new ToolError(2, `secret owner ${JSON.stringify(owner.value)} not valid`);
  }
  if (description.value !== '') fields.description = description.value;
  if (label.value !== '') fields.label = label.value;
  return { rest, owner: owner.value, file: file.value, fields: () => fields };
}

export function secretGrant(run: Invocation): void {
  const grant = grantArguments(run);
  if (!managedSecrets(run).some(({ id }) => id === grant.id)) {
    throw new ToolError(1, `secret ${JSON.stringify(grant.id)} not found`);
  }
  run.context.pending.secretsGranted.push(grant);
}

export function secretRevoke(run: Invocation): void {
  run.context.pending.secretsRevoked.push(grantArguments(run));
}

function grantArguments(run: Invocation): PendingGrant {
  const asked = relationFlag(run);
  const unit = stringFlag();
  const [uri, ...more] = parseQuiet(run, { ...asked.flags, unit: unit.flag });
  if (uri === undefined) throw new ToolError(2, 'missing secret URI');
  const id = needSecretId(uri);
  const relation = needRelation(asked.relation);
  if (unit.value !== '' && unit.value.split('/')[0] !== relation.remoteApp) {
    throw new ToolError(2, `cannot specify unit "${unit.value}" in relation to application "${relation.remoteApp}"`);
  }
  checkEmpty(more);
  return unit.value === '' ? { id, relation } : { id, relation, unit: unit.value };
}

/** Whether the unit may is found out when the hook ends, as in Juju. */
export function secretRemove(run: Invocation): void {
  const revision = stringFlag();
  const [uri, ...more] = parseQuiet(run, { revision: revision.flag });
  if (uri === undefined) throw new ToolError(2, 'missing secret URI');
  const id = needSecretId(uri);
  if (revision.value !== '' && !/^\d+$/.test(revision.value)) {
    const why = `strconv.ParseInt: parsing ${JSON.stringify(revision.value)}: invalid syntax`;
    throw new ToolError(2, `invalid value ${JSON.stringify(revision.value)} for option --revision: ${why}`);
  }
  checkEmpty(more);
  const { pending } = run.context;
  pending.secretsChanged.delete(id);
  const added = pending.secretsAdded.findIndex((secret) => secret.id === id);
  if (added >= 0) pending.secretsAdded.splice(added, 1);
  else pending.secretsRemoved.push(revision.value === '' ? { id } : { id, revision: Number(revision.value) });
}
