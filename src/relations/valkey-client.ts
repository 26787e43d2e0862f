/** The `valkey_client` interface, in the form of data_interfaces v0, as requirer. */
import { list, openSecrets, tlsOf } from './data-platform.ts';
import { exact, saidAnything, theirName, value } from './databag.ts';
import { readEndpoint } from './endpoint.ts';
import { type Redis, redisService, usable } from './redis.ts';
import { type Answer, type ReadSecret, type Relation, type Request, refused, waiting } from './types.ts';

const DEFAULT_PORT = 6379;

/**
 * Asks for a user that may use every key: libraries choose the names of theirs.
 * @param hasSecrets Valkey gives credentials in a secret only; without secret tools (Juju 2.9) it says nothing that is of use.
 */
export function request(hasSecrets: boolean): Request {
  const secrets = JSON.stringify(['username', 'password', 'tls', 'tls-ca']);
  return { unit: {}, app: { database: '*', 'requested-secrets': hasSecrets ? secrets : '' } };
}

/** Reads the primary. */
export function read(relation: Relation, readSecret: ReadSecret | undefined, caFile: string): Answer<Redis> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const opened = openSecrets(relation, readSecret);
  if (opened.kind !== 'ready') return opened;
  const data = opened.connection;
  const [primary] = list(value(data, 'endpoints')) ?? [];
  if (primary === undefined) return waiting(`${them} has not given its endpoints yet`);
  const user = exact(data, 'username');
  const password = exact(data, 'password');
  if (user === undefined || password === undefined) return waiting(`${them} has not given a user and a password yet`);
  const found = readEndpoint(primary, undefined, DEFAULT_PORT);
  if ('whyNot' in found) return refused(`${them} gave ${found.whyNot}`);
  const { tls } = tlsOf(data);
  return usable(them, {
    service: redisService(
      found.endpoint,
      { user, password },
      tls && { caFile: tls.ca === undefined ? undefined : caFile },
    ),
    ca: tls?.ca,
    valkey: {
      readOnlyEndpoints: value(data, 'read-only-endpoints') ?? '',
      sentinelEndpoints: value(data, 'sentinel-endpoints') ?? value(data, 'sentinel_endpoints') ?? '',
      mode: value(data, 'mode') ?? '',
      version: value(data, 'version') ?? '',
    },
  });
}
