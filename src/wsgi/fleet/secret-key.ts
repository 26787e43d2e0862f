/**
 * A random key that all units of the application share, for sessions and signatures that any of them must be able to check.
 * It is kept in a secret of the application, and before Juju 3.0, which has none, in the application's databag of the peers.
 */
import { randomBytes } from 'node:crypto';
import type { HookContext } from '../../juju/types.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import { Problem } from '../status.ts';
import { FLEET } from './peer.ts';

/** Key of the databag: the URI of the secret, or the key itself. */
const BAG = 'secret-key';
const FIELD = 'key';
/** Where a unit without the relation keeps a key of its own. */
const OWN = 'wsgi.secret-key';
/** 64 characters of base64; Django warns below 50. */
const BYTES = 48;

export interface SecretKey {
  /** The variable by its name; none where the option is not set, or while there is no key. */
  readonly variables: Readonly<Record<string, string>>;
  /** Why there is no key yet. */
  readonly missing: Problem | undefined;
}

/** The key under the name that the option gives; the leader makes it where there is none. */
export function secretKey(api: WsgiApi, options: Options): SecretKey {
  const name = options.secret_key_variable;
  if (name === undefined) return { variables: {}, missing: undefined };
  const { juju, keep } = api;
  const [id] = juju.relationIds(FLEET);
  if (id === undefined) {
    // Juju shows the peer relation from the hook after install on.
    if (juju.event.name === 'install') return absent('the units share a key as soon as they know of each other');
    const own = keep.get(OWN);
    const key = typeof own === 'string' ? own : newKey();
    keep.set(OWN, key);
    return { variables: { [name]: key }, missing: undefined };
  }
  const kept = juju.relationGet(id, juju.unit.application)[BAG] ?? (juju.isLeader() ? makeKey(juju, id) : undefined);
  if (kept === undefined) return absent('the leader has not made the key yet');
  if (!kept.startsWith('secret:')) return { variables: { [name]: kept }, missing: undefined };
  const { content, whyNot } = juju.secret(kept);
  const key = content?.[FIELD];
  if (key === undefined) return absent(`the key cannot be read: ${whyNot ?? 'its secret has no field key'}`);
  return { variables: { [name]: key }, missing: undefined };
}

/** What tells one key from another, and is the same on all units; undefined where none is shared. */
export function secretKeyMark(juju: HookContext, options: Options): string | undefined {
  if (options.secret_key_variable === undefined) return undefined;
  const [id] = juju.relationIds(FLEET);
  return id === undefined ? undefined : juju.relationGet(id, juju.unit.application)[BAG];
}

/** The action `rotate-secret-key`. Returns whether the unit looks again. */
export function rotateSecretKey(api: WsgiApi): boolean {
  const { juju, keep } = api;
  const { application } = juju.unit;
  const fail = (message: string) => {
    juju.actionFail(message);
    return false;
  };
  if ((juju.config().secret_key_variable ?? '') === '') return fail('secret_key_variable is not set');
  const [id] = juju.relationIds(FLEET);
  if (id === undefined) {
    keep.set(OWN, newKey());
    juju.actionResult({ result: 'the key of this unit is another' });
    return true;
  }
  if (!juju.isLeader()) return fail(`only the leader does this: juju run ${application}/leader rotate-secret-key`);
  const before = juju.relationGet(id, application)[BAG];
  makeKey(juju, id);
  if (before?.startsWith('secret:')) juju.removeSecret(before);
  juju.actionResult({ result: 'the key is another; the units take it as rollout says' });
  return true;
}

/** A new secret for each key: its URI in the databag tells every unit that there is another. */
function makeKey(juju: HookContext, id: string): string {
  const key = newKey();
  const { uri } = juju.addSecret({ [FIELD]: key }, { description: 'The key of secret_key_variable' });
  juju.relationSet(id, { [BAG]: uri ?? key }, { app: true });
  return uri ?? key;
}

function newKey(): string {
  return randomBytes(BYTES).toString('base64url');
}

function absent(why: string): SecretKey {
  return { variables: {}, missing: new Problem('waiting', `secret_key_variable: ${why}`) };
}
