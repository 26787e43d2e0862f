/** secret-get, secret-info-get, secret-ids: what a unit may read, and which revision it follows. */

import type { Databag } from '../types.ts';
import { GoNil, GoStruct, GoTime } from './go-value.ts';
import { needSecretId } from './secret-uri.ts';
import { boolFlag, checkEmpty, type Invocation, parseWithFormat, print, stringFlag, ToolError } from './tool.ts';
import type { RotatePolicy, SecretGrant, SecretView } from './world.ts';

export function secretGet(run: Invocation): void {
  const label = stringFlag();
  const [peek, refresh] = [boolFlag(), boolFlag()];
  const flags = { label: label.flag, peek: peek.flag, refresh: refresh.flag };
  const { rest, format } = parseWithFormat(run, flags, ['yaml', 'json']);
  const [uri, key, ...more] = rest;
  const id = uri === undefined ? undefined : needSecretId(uri);
  if (id === undefined && label.value === '') throw new ToolError(2, 'require either a secret URI or label');
  if (peek.on && refresh.on) throw new ToolError(2, 'specify one of --peek or --refresh but not both');
  checkEmpty(more);
  const content = read(run, id, label.value, { peek: peek.on, refresh: refresh.on });
  print(run, format, key === undefined ? decoded(content) : oneKey(content, key));
}

/** `password`, or `password#base64` for the value as it is stored. */
function oneKey(content: Databag, key: string): string {
  const [name = '', encoding] = key.split('#');
  const value = Object.hasOwn(content, name) ? content[name] : undefined;
  if (value === undefined) throw new ToolError(1, `secret key value ${JSON.stringify(name)} not found`);
  return encoding === 'base64' ? value : text(value);
}

interface Wanted {
  readonly peek: boolean;
  readonly refresh: boolean;
}

function read(run: Invocation, id: string | undefined, label: string, wanted: Wanted): Databag {
  const { pending } = run.context;
  const added = pending.secretsAdded.find((secret) => (id === undefined ? secret.label === label : secret.id === id));
  if (added !== undefined) return added.content ?? {};
  const secret = id === undefined ? byLabel(run, label) : run.world.secrets.find((one) => one.id === id);
  if (secret === undefined) {
    throw new ToolError(1, id === undefined ? `consumer label ${JSON.stringify(label)} not found` : NOT_FOUND);
  }
  if (!mayRead(run, secret)) throw new ToolError(1, `"${run.world.unit}" is not allowed to read this secret`);
  const changed = pending.secretsChanged.get(secret.id)?.content;
  if (changed !== undefined && (wanted.peek || wanted.refresh)) return changed;
  const { consumed } = secret;
  const revision = wanted.peek || wanted.refresh || consumed === undefined ? secret.latest : consumed.revision;
  if (!wanted.peek || consumed === undefined) follow(run, secret, wanted.peek ? secret.latest : revision, label);
  return secret.revisions[revision] ?? {};
}

const NOT_FOUND = 'getting latest secret revision: secret not found';

/** What a unit reads it follows from then on; its label is its own. */
function follow(run: Invocation, secret: SecretView, revision: number, label: string): void {
  const own = owns(run, secret) ? secret.label : '';
  const chosen = label === '' || label === own ? (secret.consumed?.label ?? label) : label;
  if (secret.consumed?.revision === revision && secret.consumed.label === chosen) return;
  run.context.effect({ kind: 'secret-consumed', id: secret.id, revision, label: chosen });
}

/** A consumer's own label first, then the label of one that the unit or its application owns, with its pending change. */
function byLabel(run: Invocation, label: string): SecretView | undefined {
  const { secrets } = run.world;
  const changed = (secret: SecretView) => run.context.pending.secretsChanged.get(secret.id)?.label ?? secret.label;
  return (
    secrets.find((secret) => secret.consumed?.label === label) ??
    secrets.find((secret) => owns(run, secret) && (changed(secret) === label || secret.label === label))
  );
}

/** The unit's own, and its application's: every unit of it may read, the leader manages. */
function owns({ world }: Invocation, { owner }: SecretView): boolean {
  return owner.kind === 'unit'
    ? owner.name === world.unit
    : owner.kind === 'application' && owner.name === world.application;
}

function mayRead(run: Invocation, secret: SecretView): boolean {
  const { unit, application } = run.world;
  const tags = [`application-${application}`, `unit-${unit.replace('/', '-')}`];
  return owns(run, secret) || secret.grants.some(({ target }) => tags.includes(target));
}

function text(value: string): string {
  return Buffer.from(value, 'base64').toString();
}

function decoded(content: Databag): Record<string, string> {
  return Object.fromEntries(Object.entries(content).map(([key, value]) => [key, text(value)]));
}

/** Metadata of a secret that the unit manages. */
export interface SecretMetadata {
  readonly id: string;
  readonly revision: number;
  readonly label: string;
  readonly owner: 'application' | 'unit' | 'model';
  readonly description: string;
  readonly rotation?: RotatePolicy | undefined;
  readonly expires?: string | undefined;
  readonly rotates?: string | undefined;
  readonly grants: readonly SecretGrant[];
}

/** Secrets of the unit and, on the leader, of the application, with what the hook has written laid over them. */
export function managedSecrets(run: Invocation): SecretMetadata[] {
  const { pending } = run.context;
  const committed = run.world.secrets.filter(
    (secret) => owns(run, secret) && (secret.owner.kind === 'unit' || run.world.leader),
  );
  const known: SecretMetadata[] = committed.map((secret) => {
    const changed = pending.secretsChanged.get(secret.id);
    return {
      id: secret.id,
      revision: secret.latest,
      label: changed?.label ?? secret.label,
      owner: secret.owner.kind,
      description: changed?.description ?? secret.description,
      rotation: changed?.rotation ?? secret.rotation,
      expires: changed?.expires ?? secret.expires,
      rotates: secret.rotates,
      grants: secret.grants,
    };
  });
  const added: SecretMetadata[] = pending.secretsAdded.map((secret) => ({
    id: secret.id,
    revision: 1,
    label: secret.label ?? '',
    owner: secret.owner,
    description: secret.description ?? '',
    rotation: secret.rotation,
    expires: secret.expires,
    grants: [],
  }));
  // One that is to go, be it a single revision, is no longer listed.
  return [...known, ...added].filter(({ id }) => !pending.secretsRemoved.some((removed) => removed.id === id));
}

export function secretIds(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  checkEmpty(rest);
  const ids = managedSecrets(run).map(({ id }) => id);
  print(run, format, ids.length === 0 && format === 'json' ? new GoNil('[]') : ids);
}

export function secretInfoGet(run: Invocation): void {
  const label = stringFlag();
  const { rest, format } = parseWithFormat(run, { label: label.flag }, ['yaml', 'json']);
  const [uri, ...more] = rest;
  const id = uri === undefined ? undefined : needSecretId(uri);
  if (id === undefined && label.value === '') throw new ToolError(2, 'require either a secret URI or label');
  if (id !== undefined && label.value !== '')
    throw new ToolError(2, 'specify either a secret URI or label but not both');
  checkEmpty(more);
  const found = managedSecrets(run).find((secret) =>
    id === undefined ? secret.label === label.value : secret.id === id,
  );
  if (found === undefined) throw new ToolError(1, `secret ${JSON.stringify(id ?? label.value)} not found`);
  print(run, format, { [found.id]: info(found) });
}

function goTime(time: string | undefined): GoTime | undefined {
  return time === undefined ? undefined : new GoTime(time);
}

function info(secret: SecretMetadata): GoStruct {
  const access = secret.grants.map(
    ({ target, scope }) =>
      new GoStruct([
        ['target', target],
        ['scope', scope],
        ['role', 'view'],
      ]),
  );
  return new GoStruct([
    ['revision', secret.revision],
    ['label', secret.label],
    ['owner', secret.owner],
    ['description', secret.description === '' ? undefined : secret.description],
    ['rotation', secret.rotation],
    ['expiry', goTime(secret.expires)],
    ['rotates', goTime(secret.rotates)],
    ['access', access.length === 0 ? undefined : access],
  ]);
}
