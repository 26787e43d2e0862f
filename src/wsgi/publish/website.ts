/** What others see of this unit: the website relation and the open ports. */
import * as z from 'zod/mini';
import type { HookContext, RelationId } from '../../juju/types.ts';
import { provide, withdraw } from '../../relations/http.ts';
import type { WsgiApi } from '../api.ts';
import type { Relations } from '../relations/databags.ts';

/**
 * Publishes where the application is served, or that it is not.
 *
 * @param port the port that proxies should use; undefined while nothing is served
 */
export function publishWebsite(juju: HookContext, relations: Relations, port: number | undefined): void {
  for (const { id } of relations.website) {
    const address = port === undefined ? undefined : ingressAddress(juju, id);
    juju.relationSet(id, (port === undefined || address === undefined ? withdraw : provide(address, port)).unit);
  }
}

function ingressAddress(juju: HookContext, id: RelationId): string | undefined {
  const network = juju.network('website', id);
  return network?.ingressAddresses[0] ?? network?.bindAddresses[0];
}

const KEY = 'wsgi.opened';

const Ports = z.object({
  /** The port that this charm opened. */
  open: z.optional(z.string()),
  /** Those that it closed for it. Juju takes the closing of a hook that is ended back, whatever is remembered here. */
  closed: z.array(z.string()),
});

/** Opens the port that is served, and closes those that this charm opened before. Ports of others are theirs. */
export function publishPort({ juju, data, interrupted }: WsgiApi, port: number | undefined): void {
  const parsed = Ports.safeParse(data.get(KEY));
  const before = parsed.success ? parsed.data : { closed: [] };
  const open = port === undefined ? undefined : `${port}/tcp`;
  const moved = open !== before.open;
  const replaced = moved && before.open !== undefined ? [before.open] : [];
  // Without a hook that was ended in between, what was closed before is closed for good, and may be another's by now.
  const earlier = moved && !interrupted ? [] : before.closed;
  const closed = [...new Set([...replaced, ...earlier])].filter((one) => one !== open);
  for (const one of interrupted ? closed : replaced) juju.closePort(one);
  if (open !== undefined) juju.openPort(open);
  data.set(KEY, { ...(open === undefined ? {} : { open }), closed });
}
