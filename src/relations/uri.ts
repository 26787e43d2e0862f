/**
 * Connection URIs as databases publish them in `uris`: user, password, hosts, database and options.
 * A URL parser refuses them, because there may be several hosts with ports.
 * Sources: PostgreSQL documentation, libpq, "Connection URIs"; MongoDB manual, "Connection Strings".
 */

export interface ConnectionUri {
  readonly scheme: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** `host`, `host:port`, decoded. */
  readonly hosts: readonly string[];
  readonly database: string | undefined;
  readonly options: Readonly<Record<string, string>>;
  /** Options that stand there more than once; `options` has the last value of each. */
  readonly repeated: readonly string[];
}

const SHAPE = /^([a-z][a-z0-9+.-]*):\/\/(?:([^/?#]*)@)?([^/?#@]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/i;

/** @returns undefined for anything else. No error text is given, because it may hold a password. */
export function parseConnectionUri(text: string): ConnectionUri | undefined {
  const match = SHAPE.exec(text.trim());
  if (match === null) return undefined;
  const [, scheme = '', userInfo, hosts = '', path, query] = match;
  const pairs = [...new URLSearchParams(query ?? '')];
  const names = pairs.map(([name]) => name);
  const colon = userInfo?.indexOf(':') ?? -1;
  try {
    const user = colon === -1 ? userInfo : userInfo?.slice(0, colon);
    return {
      scheme: scheme.toLowerCase(),
      user: decoded(user),
      password: colon === -1 ? undefined : decoded(userInfo?.slice(colon + 1)),
      hosts: hosts
        .split(',')
        .filter((host) => host !== '')
        .map(decodeURIComponent),
      database: decoded(path),
      options: Object.fromEntries(pairs),
      repeated: [...new Set(names.filter((name, at) => names.indexOf(name) !== at))],
    };
  } catch {
    // A percent sign that encodes nothing.
    return undefined;
  }
}

const decoded = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : decodeURIComponent(text);
