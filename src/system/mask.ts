/** What stands in place of a secret. */
import { toWellFormed } from './unicode.ts';
export const MASK = '******';

/** Replaces the user-info of every URL in a text: `https://user:pw@host/` becomes `https://******@host/`. */
export function maskUrls(text: string): string {
  // Up to the last @ before the path, as RFC 3986 has it and as careless passwords need it.
  return text.replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, `$1${MASK}@`);
}

/** A function that masks the given values, and the user-info of URLs, in any text. */
export function createMask(secrets: Iterable<string>): (text: string) => string {
  // The longest first: a short secret may be part of a long one. Values of one or two characters mask nothing worth it.
  const values = [...new Set([...secrets].flatMap(spellings))].filter((value) => value.length > 2);
  values.sort((a, b) => b.length - a.length);
  return (text) => maskUrls(values.reduce((masked, value) => masked.replaceAll(value, MASK), text));
}

/** A secret as it is, as in a URL, each line of one that has several, and the password in one that is a URL. */
function spellings(secret: string): string[] {
  const lines = secret.split('\n').map((line) => line.trim());
  const plain = [secret, ...lines, ...passwordsIn(secret)];
  return [...plain, ...plain.map(encodeURIComponentSafe)];
}

/** Of `scheme://user:password@host`, as it stands and decoded: a library that fails to log in may name it alone. */
function passwordsIn(secret: string): string[] {
  return [...secret.matchAll(/:\/\/[^\s/?#:]*:([^\s/?#"'<>]*)@/g)].flatMap(([, password = '']) => [
    password,
    decodeURIComponentSafe(password),
  ]);
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a percent sign that encodes nothing
  }
}

function encodeURIComponentSafe(text: string): string {
  return encodeURIComponent(toWellFormed(text));
}
