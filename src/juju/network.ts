/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/network-get/ */
import * as v from 'valibot';
import { call, read, type ToolRunner } from './run.ts';
import type { NetworkInfo, RelationId } from './types.ts';

const listed = v.nullish(v.array(v.string()));
const network = v.object({
  'bind-addresses': v.nullish(
    v.array(v.object({ addresses: v.nullish(v.array(v.object({ value: v.optional(v.string()) }))) })),
  ),
  'ingress-addresses': listed,
  'egress-subnets': listed,
});

/**
 * Addresses of this unit for an endpoint, and for one of its relations where they differ.
 * @throws HookToolError, with code 1 for an endpoint that Juju does not know
 */
export function networkGet(run: ToolRunner, endpoint: string, id?: RelationId): NetworkInfo {
  const found = read(run, network, 'network-get', [...(id === undefined ? [] : ['-r', id]), endpoint]);
  const addresses = (found['bind-addresses'] ?? []).flatMap((device) => device.addresses ?? []);
  return {
    bindAddresses: addresses.flatMap((address) => address.value ?? []),
    ingressAddresses: found['ingress-addresses'] ?? [],
    egressSubnets: found['egress-subnets'] ?? [],
  };
}

/**
 * An address of this unit, by its old name; network-get knows more.
 * @throws HookToolError
 */
export function unitGet(run: ToolRunner, address: 'private-address' | 'public-address'): string {
  return call(run, 'unit-get', [address]).trim();
}
