/**
 * The `haproxy-route` interface, by which an application asks HAProxy for a route to it. Each value in the databags is JSON.
 * Source: library haproxy_route v2 of the haproxy charm.
 */
import { isIP } from 'node:net';
import type { Databag } from '../juju/types.ts';
import { readJson, theirName, value } from './databag.ts';
import { type ProxyUrl, proxyUrl } from './proxy-url.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';

/** What HAProxy is asked for. */
export interface Route {
  /** Unlike that of any other application that the same HAProxy serves. */
  readonly service: string;
  readonly port: number;
  /** A path that answers while a unit is well. */
  readonly healthPath: string;
}

/**
 * How HAProxy tells that a unit is well, in seconds and answers. The time of an answer is limited to the interval, which
 * therefore is one that a busy application keeps.
 */
const CHECK = { interval: 10, rise: 2, fall: 3 } as const;

/** The application's databag. A request that a unit refuses is given to another one. */
export const route = ({ service, port, healthPath }: Route): Databag => ({
  service: JSON.stringify(service),
  ports: JSON.stringify([port]),
  check: JSON.stringify({ ...CHECK, path: plainPath(healthPath) }),
  retry: JSON.stringify({ count: 3, redispatch: true }),
});

/** The library takes no quote and no dollar sign; a server reads them from their codes just as well. */
function plainPath(path: string): string {
  return path.replaceAll("'", '%27').replaceAll('$', '%24');
}

/**
 * The unit's databag, whether or not the unit serves: the library refuses the route of the whole application over one unit
 * without an address. HAProxy's check leaves out a unit that does not serve.
 *
 * @param address Must be one of IP; a name is left out.
 */
export const server = (address: string | undefined): Databag =>
  address === undefined || isIP(address) === 0 ? {} : { address: JSON.stringify(address) };

/** Reads where HAProxy serves the application. It may name several URLs; the first counts. */
export function read(relation: Relation): Answer<ProxyUrl> {
  const them = theirName(relation);
  const text = value(relation.app, 'endpoints');
  const endpoints = text === undefined ? [] : readJson(text);
  if (!Array.isArray(endpoints)) return refused(`${them} gave endpoints that are not a JSON list`);
  if (endpoints.length === 0) return waiting(`${them} has not said yet at which URL it serves the application`);
  return proxyUrl(relation, endpoints[0]);
}
