/** Reading databags that others wrote: a value may be missing, empty or blank, which all mean the same. */
import type { Databag, UnitName } from '../juju/types.ts';
import { isWellFormed } from '../system/unicode.ts';
import type { Relation } from './types.ts';

/** The value without surrounding white space; undefined when nothing is left of it. */
export function value(bag: Databag, key: string): string | undefined {
  const text = Object.hasOwn(bag, key) ? bag[key]?.trim() : undefined;
  return text === '' ? undefined : text;
}

/** Like {@link value}, but byte for byte, for passwords: only an empty one counts as missing. */
export function exact(bag: Databag, key: string): string | undefined {
  const text = Object.hasOwn(bag, key) ? bag[key] : undefined;
  return text === '' ? undefined : text;
}

/** `first`, with what it lacks taken from `second`. */
export function overlay(first: Databag, second: Databag): Databag {
  const filled = Object.entries(first).filter(([, text]) => text.trim() !== '');
  return { ...second, ...Object.fromEntries(filled) };
}

/** Items of a list in which any of the separators may stand, without blanks. */
export const items = (text: string | undefined, separators: RegExp): string[] =>
  (text ?? '')
    .split(separators)
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A value of a databag that is JSON; undefined for what is none. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON list of texts; undefined for anything else. */
export function readTexts(text: string): string[] | undefined {
  const found = readJson(text);
  return Array.isArray(found) && found.every((item) => typeof item === 'string') ? found : undefined;
}

/** @returns a reason that names the first field that no variable can hold; undefined where all can. */
export function whyNotVariable(fields: Readonly<Record<string, string | undefined>>): string | undefined {
  const bad = Object.entries(fields).find(
    ([, text]) => text !== undefined && (text.includes('\0') || !isWellFormed(text)),
  );
  return bad && `a NUL or half a character in ${bad[0]}, which no variable can hold`;
}

/** The units with their bags, the oldest unit first: `db/2` before `db/10`. */
export const unitsByAge = (relation: Relation): readonly (readonly [UnitName, Databag])[] =>
  Object.entries(relation.units).sort(([a], [b]) => numberOf(a) - numberOf(b) || (a < b ? -1 : 1));

/** How reasons call the other side. */
export const theirName = (relation: Relation): string => relation.remoteApp ?? 'the other side';

/** Keys that Juju itself writes into every unit's databag. */
const JUJU_KEYS: ReadonlySet<string> = new Set(['egress-subnets', 'ingress-address', 'private-address']);

/** Whether the other side has written anything of its own. */
export const saidAnything = (relation: Relation): boolean =>
  [relation.app, ...Object.values(relation.units)].some((bag) =>
    Object.entries(bag).some(([key, text]) => !JUJU_KEYS.has(key) && text.trim() !== ''),
  );

/** The number at the end of `wsgi/3` or `website:3`. */
export function numberOf(name: string): number {
  const digits = /(\d+)$/.exec(name)?.[1];
  return digits === undefined ? Number.MAX_SAFE_INTEGER : Number(digits);
}
