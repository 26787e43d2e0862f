/** Hosts and ports as other charms write them: `10.0.0.5`, `http://10.0.0.5`, `db.lan:5432`, `[fd00::5]:5432`. */
import { isIPv4, isIPv6 } from 'node:net';

/** A host that can stand in a URL, and a port. */
export interface Endpoint {
  /** IPv4 address, IPv6 address in its canonical spelling without brackets, a name in small letters, or a socket's folder. */
  readonly host: string;
  readonly port: number;
}

export type ReadEndpoint = { readonly endpoint: Endpoint } | { readonly whyNot: string };

/**
 * Reads a host with a port beside it or behind it.
 * @param port What a field of its own says; wins over a port behind the host.
 * @param defaultPort Counts when neither says anything; without it, a missing port is a reason.
 * @param where Only a server on this machine can be reached by the folder of its unix socket, as libpq takes it.
 */
export function readEndpoint(
  text: string,
  port: string | undefined,
  defaultPort?: number,
  where: 'on this machine' | 'anywhere' = 'anywhere',
): ReadEndpoint {
  const bare = text
    .trim()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/(?<=.)\/+$/, '');
  const [hostText, portBehind] = splitPort(bare, defaultPort);
  const host = where === 'on this machine' && hostText.startsWith('/') ? readFolder(hostText) : readHost(hostText);
  if ('whyNot' in host) return host;
  const portText = port ?? portBehind;
  if (portText === undefined && defaultPort === undefined) return { whyNot: 'no port' };
  const number = portText === undefined ? defaultPort : readPort(portText);
  if (number === undefined) return { whyNot: `${shown(portText ?? '')} as its port` };
  return { endpoint: { host: host.host, port: number } };
}

/** A TCP port from 1 to 65535, in plain digits. */
export function readPort(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^\d{1,5}$/.test(trimmed)) return undefined;
  const port = Number(trimmed);
  return port >= 1 && port <= 65_535 ? port : undefined;
}

/** `host:port`, IPv6 in brackets (RFC 3986, section 3.2.2), the folder of a socket percent-encoded (libpq, "Connection URIs"). */
export function authority({ host, port }: Endpoint): string {
  if (host.startsWith('/')) return `${encodeURIComponent(host)}:${port}`;
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Each endpoint once, in an order that does not depend on the other side's. */
export function sorted(endpoints: readonly Endpoint[]): Endpoint[] {
  const byText = new Map(endpoints.map((endpoint) => [authority(endpoint), endpoint]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

function splitPort(text: string, defaultPort: number | undefined): readonly [string, string | undefined] {
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed) return [bracketed[1] ?? '', bracketed[2]];
  const colon = text.lastIndexOf(':');
  if (colon === -1) return [text, undefined];
  const [head, tail] = [text.slice(0, colon), text.slice(colon + 1)];
  if (!head.includes(':')) return [head, tail];
  // Charms write `${address}:${port}` for IPv6 addresses too. `fd00::5:5432` is an address as it stands, but where 5432
  // is the port that such a server has, an address that happens to end so is the less likely reading.
  if (isIPv6(head) && (!isIPv6(text) || tail === String(defaultPort))) return [head, tail];
  return [text, undefined];
}

/** The folder of a unix socket. The service has a /tmp of its own. */
function readFolder(text: string): { readonly host: string } | { readonly whyNot: string } {
  if (!/^\/[\w.\-/]{1,200}$/.test(text) || text.split('/').includes('..')) {
    return { whyNot: `${shown(text)} as the folder of its unix socket` };
  }
  if (/^(\/var)?\/tmp(\/|$)/.test(text)) {
    return { whyNot: `a unix socket in ${shown(text)}, where the service has a folder of its own and cannot see it` };
  }
  return { host: text };
}

function readHost(text: string): { readonly host: string } | { readonly whyNot: string } {
  if (text === '') return { whyNot: 'no host' };
  if (text.startsWith('/') || text.startsWith('@')) {
    return { whyNot: `the unix socket ${shown(text)}, which cannot be reached over the network` };
  }
  if (isIPv6(text.split('%', 1)[0] ?? '') && text.includes('%')) {
    return { whyNot: `${shown(text)}, an address with a zone id, which means something on its own machine only` };
  }
  if (isIPv6(text)) return { host: new URL(`http://[${text}]`).hostname.slice(1, -1) };
  if (isIPv4(text) || /^[a-z0-9_](?:[a-z0-9_.-]{0,252})$/i.test(text)) return { host: text.toLowerCase() };
  return { whyNot: `${shown(text)} as its host, which is neither a name nor an address` };
}

/** What looks like an address is shown; anything else may be, or hold, a credential. */
const shown = (text: string): string => (/^@?[\w.:/%[\]-]{1,80}$/.test(text) ? `"${text}"` : 'something unreadable');
