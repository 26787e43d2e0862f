/** The `tracing` interface, v2, as requirer: where traces go, by OTLP over HTTP. Source: the specification in canonical/charmlibs. */
import * as z from 'zod/mini';
import type { Databag } from '../juju/types.ts';
import { readJson, theirName, value } from './databag.ts';
import { isHttpUrl } from './http-url.ts';
import { type Answer, type Relation, refused, waiting } from './types.ts';
import { plain, type Variables } from './variables.ts';

const PROTOCOL = 'otlp_http';

export const schema = z.object({ endpoint: z.string(), service: z.string() });

/** Where traces go, and under which name. */
export type Tracing = z.infer<typeof schema>;

const Receivers = z.array(z.object({ protocol: z.object({ name: z.string() }), url: z.nullish(z.string()) }));

/** The application's databag: the one protocol that every client library of OpenTelemetry speaks and every proxy passes on. */
export const request: Databag = { receivers: JSON.stringify([PROTOCOL]) };

/** @param service the name under which the traces of this application are found */
export function read(relation: Relation, service: string): Answer<Tracing> {
  const them = theirName(relation);
  const text = value(relation.app, 'receivers');
  if (text === undefined) return waiting(`${them} has not said yet where traces go`);
  const receivers = Receivers.safeParse(readJson(text));
  if (!receivers.success)
    return refused(`${them} gave receivers that are not a JSON list of a protocol and a url each`);
  const endpoint = receivers.data.find(({ protocol }) => protocol.name === PROTOCOL)?.url ?? undefined;
  if (endpoint === undefined) return waiting(`${them} has not said yet where traces go by ${PROTOCOL}`);
  if (!isHttpUrl(endpoint)) return refused(`${them} gave a URL for traces that is not of http or https`);
  return { kind: 'ready', connection: { endpoint, service } };
}

/** As OpenTelemetry's libraries read them. */
export const variables: Variables<Tracing> = {
  EXPORTER_OTLP_ENDPOINT: plain('Where traces go.', ({ endpoint }) => endpoint),
  EXPORTER_OTLP_PROTOCOL: plain('How: http/protobuf.', () => 'http/protobuf'),
  SERVICE_NAME: plain('The name of the application.', ({ service }) => service),
};
