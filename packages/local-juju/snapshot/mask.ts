/** Takes secrets out of what a unit sees, so that it can be kept in a repository. */

/** Names whose values are masked. */
const SECRET_NAME = /pass(wd|word|phrase)?$|password|secret|token|credential|private|(^|[-_])key($|[-_])|api_?key/i;
/** Options that hold a list of assignments, each of which may be a secret. */
const ASSIGNMENTS_NAME = /environment/i;

/** `NAME=value`, the value in any of the shell's ways of writing it. Source: POSIX, Shell Command Language, 2.2. */
const ASSIGNMENT = /([A-Za-z_]\w*)=((?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+)/g;
/** The user-info of a URL. Source: RFC 3986, 3.2.1. */
const USER_INFO = /([a-z][a-z0-9+.-]*:\/\/[^\s/?#@:]*:)([^\s/?#@]+)@/gi;
/** `password=...` of a PostgreSQL connection string. */
const DSN_PASSWORD = /(\bpassword\s*=\s*)('(?:\\.|[^'\\])*'|[^\s'&]+)/gi;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g;

/** Shorter ones are no secret, and are in too many words. */
const SHORTEST = 4;

/** The same secret has the same mask wherever it is, so that what belongs together still does. */
export class Masks {
  readonly #masks = new Map<string, string>();

  /** The mask of a value that is secret as a whole. */
  of(secret: string): string {
    const known = this.#masks.get(secret) ?? `masked-${this.#masks.size + 1}`;
    this.#masks.set(secret, known);
    return known;
  }

  /** A value as it may be shown, by its name and by what it looks like. */
  value<T>(name: string, value: T): T | string {
    if (typeof value !== 'string' || value === '' || value.startsWith('secret:')) return value;
    if (SECRET_NAME.test(name)) return this.of(value);
    const plain = ASSIGNMENTS_NAME.test(name)
      ? value.replace(ASSIGNMENT, (_, variable: string, secret: string) => `${variable}=${this.of(secret)}`)
      : value;
    return plain
      .replace(PEM, (secret) => this.of(secret))
      .replace(USER_INFO, (_, before: string, secret: string) => `${before}${this.of(secret)}@`)
      .replace(DSN_PASSWORD, (_, before: string, secret: string) => `${before}${this.of(secret)}`);
  }

  bag<T>(bag: Readonly<Record<string, T>>): Record<string, T | string> {
    return Object.fromEntries(Object.entries(bag).map(([name, value]) => [name, this.value(name, value)]));
  }

  /** Takes every secret that was met so far out of a JSON text, the longest first. */
  everywhere(json: string): string {
    const met = [...this.#masks].filter(([secret]) => secret.length >= SHORTEST && !secret.startsWith('masked-'));
    return met
      .toSorted(([a], [b]) => b.length - a.length)
      .reduce((rest, [secret, mask]) => rest.replaceAll(JSON.stringify(secret).slice(1, -1), mask), json);
  }
}
