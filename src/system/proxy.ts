import { BlockList, isIP, isIPv4 } from 'node:net';

/** The proxies of a model, as in JUJU_CHARM_HTTP_PROXY and its siblings; user-info in them is a secret. */
export interface Proxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts, domains, addresses and networks that are asked without a proxy, separated by commas. */
  readonly no?: string | undefined;
}

/** The variables by which programs (apt, pip, curl) find their proxies, in both spellings; empty when none is set. */
export function proxyEnvironment(proxies: Proxies): Record<string, string> {
  const pairs = [
    ['http_proxy', proxies.http],
    ['https_proxy', proxies.https],
    ['no_proxy', proxies.no],
  ] as const;
  return Object.fromEntries(
    pairs.flatMap(([name, value]) => (value ? [[name, value] as const, [name.toUpperCase(), value] as const] : [])),
  );
}

/** The proxy to ask for a URL; undefined where it is asked directly. */
export function proxyFor(url: URL, proxies: Proxies): string | undefined {
  const proxy = url.protocol === 'https:' ? proxies.https : proxies.http;
  if (!proxy) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const exceptions = (proxies.no ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  if (exceptions.some((entry) => matches(entry, host, port))) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** As curl and Go do: `*`, a host and all below it, an address, a network as `10.0.0.0/8`; each with a port if wanted. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (isIP(host) !== 0 && entry.includes('/')) return isWithin(host, entry);
  const [, name = entry, only] = /^(\[[^\]]+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (only !== undefined && only !== port) return false;
  const wanted = name.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === wanted || (isIP(host) === 0 && host.endsWith(`.${wanted}`));
}

function isWithin(host: string, network: string): boolean {
  const [address = '', prefix = ''] = network.split('/');
  if (isIP(address) !== isIP(host) || !/^\d{1,3}$/.test(prefix)) return false;
  const family = isIPv4(host) ? 'ipv4' : 'ipv6';
  if (Number(prefix) > (family === 'ipv4' ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(address, Number(prefix), family);
  return list.check(host, family);
}
