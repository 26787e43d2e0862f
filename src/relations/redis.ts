/**
 * The `redis` interface, as requirer, and what it has in common with `valkey_client`: a server that speaks Redis'
 * protocol. Source of the fields: the libraries of redis-k8s and of the reactive charm redis.
 */
import * as z from 'zod/mini';
import { exact, overlay, saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { type Endpoint, readEndpoint } from './endpoint.ts';
import * as serviceUrl from './service-url.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

const DEFAULT_PORT = 6379;

/** A server of Redis' protocol, and what only Valkey says of itself. */
export interface Redis {
  readonly service: serviceUrl.Service;
  /** PEM, to be put into the file that the URL names. */
  readonly ca?: string | undefined;
  readonly valkey?:
    | {
        /** Hosts with ports and commas between, as they were given; empty for none. */
        readonly readOnlyEndpoints: string;
        readonly sentinelEndpoints: string;
        readonly mode: string;
        readonly version: string;
      }
    | undefined;
}

export const schema = z.object({
  service: serviceUrl.schema,
  ca: z.optional(z.string()),
  valkey: z.optional(
    z.object({
      readOnlyEndpoints: z.string(),
      sentinelEndpoints: z.string(),
      mode: z.string(),
      version: z.string(),
    }),
  ),
});

/** Reads the leader where there is one, else the oldest unit that has given a host and a port. */
export function read(relation: Relation): Answer<Redis> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const leader = value(relation.app, 'leader-host');
  const bags = [...unitsByAge(relation).map(([, bag]) => overlay(bag, relation.app)), relation.app];
  const answers = bags
    // While the relation is made, redis-k8s says that its port is "None".
    .filter((bag) => (value(bag, 'port') ?? 'None') !== 'None')
    .map((bag): Answer<Redis> => {
      const host = leader ?? value(bag, 'hostname');
      if (host === undefined) return waiting(`${them} has not given a host yet`);
      const found = readEndpoint(host, value(bag, 'port'), DEFAULT_PORT);
      if ('whyNot' in found) return refused(`${them} gave ${found.whyNot}`);
      return usable(them, { service: redisService(found.endpoint, { password: exact(bag, 'password') }, undefined) });
    });
  return answers.find(({ kind }) => kind === 'ready') ?? answers[0] ?? waiting(`${them} has not given a port yet`);
}

/**
 * @param tls absent for none; `caFile` is where the application finds the CA to check the server with
 */
export function redisService(
  { host, port }: Endpoint,
  login: { readonly user?: string | undefined; readonly password: string | undefined },
  tls: { readonly caFile: string | undefined } | undefined,
): serviceUrl.Service {
  return { scheme: tls === undefined ? 'redis' : 'rediss', ...login, host, port, options: tlsOptions(tls) };
}

export function usable(them: string, redis: Redis): Answer<Redis> {
  const whyNot = serviceUrl.whyNotWritable(redis.service);
  return whyNot === undefined
    ? { kind: 'ready', connection: redis }
    : refused(`${them} gave what is no use: ${whyNot}`);
}

/** redis-py's arguments, which Celery and Django's caches pass on; Celery refuses rediss:// without `ssl_cert_reqs`. */
function tlsOptions(tls: { readonly caFile: string | undefined } | undefined): Record<string, string> {
  if (tls === undefined) return {};
  if (tls.caFile === undefined) return { ssl_cert_reqs: 'none' };
  return { ssl_cert_reqs: 'required', ssl_ca_certs: tls.caFile };
}

export const url: Variables<Redis>[string] = secret('The URL, for Redis and Valkey alike.', ({ service }) =>
  serviceUrl.serviceUrl(service),
);

export const parts: Variables<Redis> = serviceUrl.parts(({ service }) => service);

/** The same server as Valkey's own clients name it. */
export const valkeyParts: Variables<Redis> = {
  ...serviceUrl.parts(({ service, valkey }: Redis) =>
    valkey === undefined ? undefined : { ...service, scheme: service.scheme.replace('redis', 'valkey') },
  ),
  READ_ONLY_ENDPOINTS: plain('Hosts with ports where one may only read.', ({ valkey }) => valkey?.readOnlyEndpoints),
  SENTINEL_ENDPOINTS: plain('Hosts with ports of the sentinels.', ({ valkey }) => valkey?.sentinelEndpoints),
};

/** How Valkey runs. */
export const valkeyFacts: Variables<Redis> = {
  MODE: plain('How Valkey runs: sentinel.', ({ valkey }) => valkey?.mode),
  VERSION: plain('The version of Valkey.', ({ valkey }) => valkey?.version),
};
