/** Secrets of the operator: add-secret, update-secret, grant-secret, revoke-secret, remove-secret. */

import { readFileSync } from 'node:fs';
import { base64 } from '../hooktools/secret-uri.ts';
import { yamlSettings } from '../hooktools/settings.ts';
import { needApplication } from '../model/applications.ts';
import { LocalError } from '../model/local-error.ts';
import { addSecret, describeSecret, needUserSecret, removeSecret, reviseSecret } from '../model/secrets.ts';
import type { Session } from '../uniter/session.ts';

const KEY = /^[a-z](-?[a-z0-9]){2,}$/;

/** `key=value`, `key#base64=value`, `key#file=path`; values come out as base64. @throws LocalError */
export function userSecretData(args: readonly string[], file?: string): Record<string, string> {
  const data: Record<string, string> = {};
  const put = (key: string, kind: string | undefined, text: string) => {
    if (!KEY.test(key)) throw new LocalError(`key ${JSON.stringify(key)} not valid`);
    if (kind === 'base64') data[key] = text;
    else data[key] = kind === 'file' ? readFileSync(text).toString('base64') : base64(text);
  };
  if (file !== undefined) {
    for (const [key, value] of yamlSettings(readFileSync(file, 'utf8')))
      put(key.split('#')[0] ?? '', key.split('#')[1], value);
  }
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals < 0) throw new LocalError(`key value ${JSON.stringify(arg)} not valid`);
    const [key = '', kind] = arg.slice(0, equals).split('#');
    put(key, kind, arg.slice(equals + 1));
  }
  return data;
}

/** @returns its URI */
export function addUserSecret(session: Session, name: string, data: Record<string, string>, info: string): string {
  const { state } = session;
  if (Object.keys(data).length === 0) throw new LocalError('missing secret value or filename');
  const taken = Object.values(state.secrets).some((secret) => secret.owner.kind === 'model' && secret.name === name);
  if (taken) throw new LocalError(`secret with name ${JSON.stringify(name)} already exists`);
  const secret = addSecret(state, { kind: 'model', name: state.uuid }, data, { name, description: info });
  return `secret:${secret.id}`;
}

export function updateUserSecret(
  session: Session,
  name: string,
  data: Record<string, string>,
  changes: { readonly name?: string; readonly info?: string },
): void {
  const secret = needUserSecret(session.state, name);
  if (changes.info !== undefined) describeSecret(session.state, secret, { description: changes.info });
  if (changes.name !== undefined) secret.name = changes.name;
  if (Object.keys(data).length > 0) reviseSecret(session.state, secret, data);
}

/** @throws LocalError for an application that is not there */
export function grantUserSecret(session: Session, name: string, applications: readonly string[]): void {
  const secret = needUserSecret(session.state, name);
  for (const application of applications) {
    needApplication(session.state, application);
    if (!secret.grants.some(({ entity }) => entity === application)) secret.grants.push({ entity: application });
  }
}

export function revokeUserSecret(session: Session, name: string, applications: readonly string[]): void {
  const secret = needUserSecret(session.state, name);
  secret.grants = secret.grants.filter(({ entity }) => !applications.includes(entity));
}

export function removeUserSecret(session: Session, name: string, revision?: number): void {
  removeSecret(session.state, needUserSecret(session.state, name), revision);
}
