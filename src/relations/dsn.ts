/**
 * libpq's keyword/value connection strings: `host=10.0.0.5 password='two \'words\''`.
 * Source: PostgreSQL documentation, libpq, "Keyword/Value Connection Strings".
 */

export type Dsn = Readonly<Record<string, string>>;

/** The white space of C's isspace, which libpq goes by. */
const SPACE = /[ \t\n\v\f\r]/;

/**
 * Reads one connection string; a keyword given twice has its last value.
 * @returns undefined when libpq would refuse it. No error text is given, because the string holds a password.
 */
export function parseDsn(text: string): Dsn | undefined {
  const found = new Map<string, string>();
  let at = 0;
  const skipSpace = (): void => {
    while (at < text.length && SPACE.test(text.charAt(at))) at += 1;
  };
  for (skipSpace(); at < text.length; skipSpace()) {
    const start = at;
    while (at < text.length && text.charAt(at) !== '=' && !SPACE.test(text.charAt(at))) at += 1;
    const keyword = text.slice(start, at);
    skipSpace();
    if (keyword === '' || text.charAt(at) !== '=') return undefined;
    at += 1;
    skipSpace();
    const read = readValue(text, at);
    if (read === undefined) return undefined;
    found.set(keyword, read.value);
    at = read.end;
  }
  return Object.fromEntries(found);
}

/** Writes a connection string that {@link parseDsn} and libpq read back to the same values. */
export const formatDsn = (dsn: Dsn): string =>
  Object.entries(dsn)
    .map(([keyword, value]) => `${keyword}=${quote(value)}`)
    .join(' ');

/**
 * Splits several connection strings that are joined by newlines or, as some charms do, by commas. A comma in a value
 * (`host=a,b`) does not divide: one counts only where a new `keyword=` follows that a connection string begins with.
 */
export function splitDsns(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  // A quote opens a value only where the value begins; elsewhere it stands for itself.
  let opens = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === "'" && (quoted || opens)) quoted = !quoted;
    opens = !quoted && (char === '=' || (opens && SPACE.test(char)));
    if (char === '\\') at += 1;
    else if (!quoted && (char === '\n' || (char === ',' && BEGINS.test(text.slice(at + 1, at + 40))))) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)].map((part) => part.trim()).filter((part) => part !== '');
}

const BEGINS = /^\s*(?:(?:host|hostaddr|port|dbname|user|password)\s*=|postgres(?:ql)?:\/\/)/;

function readValue(text: string, from: number): { readonly value: string; readonly end: number } | undefined {
  const quoted = text.charAt(from) === "'";
  let value = '';
  let at = quoted ? from + 1 : from;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quoted && char === "'") return { value, end: at + 1 };
    if (!quoted && SPACE.test(char)) break;
    if (char === '\\') {
      at += 1;
      value += text.charAt(at);
    } else {
      value += char;
    }
  }
  return quoted ? undefined : { value, end: Math.min(at, text.length) };
}

function quote(value: string): string {
  const escaped = value.replace(/[\\']/g, '\\$&');
  return value === '' || SPACE.test(value) ? `'${escaped}'` : escaped;
}
