/** The proxies of a model, as in JUJU_CHARM_HTTP_PROXY and its siblings; user-info in them is a secret. */
export interface Proxies {
  readonly http?: string | undefined;
  readonly https?: string | undefined;
  /** Hosts, domains and addresses that are asked without a proxy, separated by commas. */
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
