/**
 * The `ingress` interface, version 2, by which traefik, nginx and others serve an application. Each value in the databags is
 * JSON. Source: the specification in canonical/charmlibs.
 */
import { isIP } from 'node:net';
import type { Databag } from '../juju/types.ts';
import { readJson, theirName, value } from './databag.ts';
import { type ProxyUrl, proxyUrl } from './proxy-url.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';

/** What the proxy is asked for. */
export interface Ingress {
  readonly model: string;
  readonly application: string;
  readonly port: number;
  /** A path that answers while a unit is well. */
  readonly healthPath: string;
}

/** The library takes ports below this one. */
const PORT_LIMIT = 65_535;

/**
 * The application's databag. The usual URL is `http://HOST/MODEL-APPLICATION`, of which the application is to see what
 * comes after that only.
 *
 * @returns nothing for a port that the interface does not take
 */
export const request = ({ model, application, port, healthPath }: Ingress): Databag =>
  port >= PORT_LIMIT
    ? {}
    : {
        model: JSON.stringify(model),
        name: JSON.stringify(application),
        port: JSON.stringify(port),
        'strip-prefix': JSON.stringify(true),
        healthcheck_params: JSON.stringify({ path: healthPath, interval: '10s' }),
      };

/**
 * The unit's databag, whether or not the unit serves: the library takes away the ingress of the whole application over one
 * unit without a host. The proxy's check leaves out a unit that does not serve.
 */
export const server = (address: string | undefined): Databag =>
  address === undefined
    ? {}
    : { host: JSON.stringify(address), ip: JSON.stringify(isIP(address) === 0 ? null : address) };

/** Reads where the proxy serves the application. */
export function read(relation: Relation): Answer<ProxyUrl> {
  const them = theirName(relation);
  const text = value(relation.app, 'ingress');
  if (text === undefined) return waiting(`${them} has not said yet at which URL it serves the application`);
  const ingress = readJson(text);
  if (typeof ingress !== 'object' || ingress === null || !('url' in ingress)) {
    return refused(`${them} gave an ingress that is not JSON with a url`);
  }
  return proxyUrl(relation, ingress.url);
}
