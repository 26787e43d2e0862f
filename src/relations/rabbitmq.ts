/**
 * The `rabbitmq` interface, as requirer, of both charms: rabbitmq-server reads and writes databags of units, rabbitmq-k8s
 * those of applications. Sources: charm-rabbitmq-server, `rabbitmq_server_relations.py`; the library of rabbitmq-k8s;
 * RabbitMQ, "URI Specification".
 */
import * as z from 'zod/mini';
import type { Databag } from '../juju/types.ts';
import { exact, overlay, saidAnything, theirName, unitsByAge, value } from './databag.ts';
import { authority, readEndpoint } from './endpoint.ts';
import * as serviceUrl from './service-url.ts';
import { type Answer, type Relation, type Request, refused, waiting } from './types.ts';
import { plain, secret, type Variables } from './variables.ts';

const DEFAULT_PORT = '5672';
/** All applications meet there, as those of 12-factor charms do: a producer and its consumer may be two of them. */
const VHOST = '/';

/** A broker: one server, or several that share queues. */
export interface RabbitMq {
  /** The server to use, then the others that know the same user. */
  readonly services: readonly [serviceUrl.Service, ...serviceUrl.Service[]];
  /** PEM, to be put into a file. */
  readonly ca?: string | undefined;
  readonly caFile?: string | undefined;
}

export const schema = z.object({
  services: z.tuple([serviceUrl.schema], serviceUrl.schema),
  ca: z.optional(z.string()),
  caFile: z.optional(z.string()),
});

/** Asks for a user of the application's name, in both databags. */
export function request(application: string): Request {
  const wanted = { username: application, vhost: VHOST };
  return { unit: wanted, app: wanted };
}

/** Reads the broker; the oldest unit that has given a host and a password comes first. */
export function read(relation: Relation, user: string, caFile: string): Answer<RabbitMq> {
  const them = theirName(relation);
  if (!saidAnything(relation)) return waiting(`${them} has not answered yet`);
  const bags = unitsByAge(relation).map(([, bag]) => overlay(bag, relation.app));
  const servers = (bags.length === 0 ? [relation.app] : bags).filter(
    (bag) => value(bag, 'hostname') !== undefined && exact(bag, 'password') !== undefined,
  );
  const answers = servers.map((bag) => serverOf(bag, user));
  const [oldest, ...others] = answers.flatMap((answer) => ('whyNot' in answer ? [] : [answer]));
  if (oldest === undefined) {
    const bad = answers.find((answer) => 'whyNot' in answer);
    if (bad !== undefined && 'whyNot' in bad) return refused(`${them} gave ${bad.whyNot}`);
    return waiting(`${them} has not given a host and a password yet`);
  }
  // While a password or the CA changes hands, units say different things: what the oldest says counts.
  const alike = others.filter(
    ({ service, ca }) =>
      service.password === oldest.service.password && service.scheme === oldest.service.scheme && ca === oldest.ca,
  );
  const services = new Map(alike.map(({ service }) => [authority(service), service]));
  services.delete(authority(oldest.service));
  return {
    kind: 'ready',
    connection: {
      services: [oldest.service, ...services.values()],
      ca: oldest.ca,
      caFile: oldest.ca === undefined ? undefined : caFile,
    },
  };
}

interface Server {
  readonly service: serviceUrl.Service;
  readonly ca: string | undefined;
}

function serverOf(bag: Databag, user: string): Server | { readonly whyNot: string } {
  const tlsPort = value(bag, 'ssl_port');
  const found = readEndpoint(value(bag, 'hostname') ?? '', tlsPort ?? DEFAULT_PORT);
  if ('whyNot' in found) return found;
  const ca = tlsPort === undefined ? undefined : value(bag, 'ssl_ca');
  const pem = ca === undefined ? undefined : Buffer.from(ca, 'base64').toString().trim();
  if (pem !== undefined && !pem.startsWith('-----BEGIN CERTIFICATE-----')) {
    return { whyNot: 'something other than a certificate in ssl_ca' };
  }
  const service = {
    scheme: tlsPort === undefined ? 'amqp' : 'amqps',
    user,
    password: exact(bag, 'password'),
    ...found.endpoint,
    path: VHOST,
    // None is common to libraries: pika and kombu each refuse those of the other. They are given the file of the CA.
    options: {},
  };
  const whyNot = serviceUrl.whyNotWritable(service);
  return whyNot === undefined
    ? { service, ca: pem === undefined ? undefined : `${pem}\n` }
    : { whyNot: `what is no use: ${whyNot}` };
}

const first = ({ services }: RabbitMq): serviceUrl.Service => services[0];

export const url: Variables<RabbitMq>[string] = secret('The URL of the broker.', (broker) =>
  serviceUrl.serviceUrl(first(broker)),
);

export const parts: Variables<RabbitMq> = {
  ...serviceUrl.parts(first),
  VHOST: plain('The virtual host, decoded.', (broker) => first(broker).path),
  CONNECT_STRINGS: secret('The URLs of all servers, with commas between.', ({ services }) =>
    services.map(serviceUrl.serviceUrl).join(','),
  ),
  ENDPOINTS: plain('All servers with their ports, with commas between.', ({ services }) =>
    services.map(authority).join(','),
  ),
  CA_FILE: plain('Path of the CA certificate, where the broker speaks TLS and has given it.', ({ caFile }) => caFile),
};
