/**
 * How an option names secrets of Juju, and a field of one. Every hook loads this, so it needs nothing.
 * Source: the documentation of Juju, "Secret", and of `juju add-secret`, which prints `secret:ID`.
 */

/** A secret, or one field of it. */
export interface SecretReference {
  /** As secret-get takes it. */
  readonly uri: string;
  readonly id: string;
  /** Undefined for the only field of the secret. */
  readonly field: string | undefined;
}

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const ID = '[0-9a-z]{20}';
const SECRET = new RegExp(`^secret:(?://(${UUID})/)?(${ID})$`);
const FIELD = new RegExp(`^secret://(?:(${UUID})/)?(${ID})/([^/\\s]+)$`);
const ANYWHERE = new RegExp(`secret:(?://(?:(${UUID})/)?)?(${ID})(?![0-9a-z])`, 'g');

/** Reads `secret:ID`, `secret://ID/FIELD`, and both with the UUID of another model; undefined for any other text. */
export function secretReference(text: string): SecretReference | undefined {
  const [, model, id, field] = SECRET.exec(text) ?? FIELD.exec(text) ?? [];
  return id === undefined ? undefined : { uri: uriOf(model, id), id, field };
}

/** The URIs of all secrets that are named somewhere in a text. */
export function secretUrisIn(text: string): string[] {
  return [...new Set([...text.matchAll(ANYWHERE)].map(([, model, id = '']) => uriOf(model, id)))];
}

function uriOf(model: string | undefined, id: string): string {
  return model === undefined ? `secret:${id}` : `secret://${model}/${id}`;
}
