/** What others see of this unit: the website relation and the open ports. */
import type { HookContext, RelationId } from '../juju/types.ts';
import type { Data } from '../reactive/types.ts';
import { provide, withdraw } from '../relations/http.ts';
import type { Relations } from './observe.ts';

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

const OPENED = 'wsgi.opened';

/** Opens the port that is served, and closes the one that this charm opened before. Ports of others are theirs. */
export function publishPort(juju: HookContext, data: Data, port: number | undefined): void {
  const before = data.get(OPENED);
  if (typeof before === 'string' && before !== `${port}/tcp`) juju.closePort(before);
  if (port === undefined) {
    data.unset(OPENED);
    return;
  }
  juju.openPort(`${port}/tcp`);
  data.set(OPENED, `${port}/tcp`);
}
