/** CIDR arithmetic for `allowed-subnets`. */
import { BlockList, isIP } from 'node:net';

interface Subnet {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Whether each of the subnets lies within one of the allowed ones. What is not a subnet allows and is allowed nothing. */
export function within(subnets: readonly string[], allowed: readonly string[]): boolean {
  const allowedSubnets = allowed.map(parse).filter((subnet) => subnet !== undefined);
  return (
    subnets.length > 0 &&
    subnets
      .map(parse)
      .every((subnet) => subnet !== undefined && allowedSubnets.some((outer) => contains(outer, subnet)))
  );
}

function contains(outer: Subnet, inner: Subnet): boolean {
  if (outer.family !== inner.family || outer.prefix > inner.prefix) return false;
  const list = new BlockList();
  list.addSubnet(outer.address, outer.prefix, outer.family);
  return list.check(inner.address, inner.family);
}

/** `10.0.0.0/8`, or an address alone. */
function parse(text: string): Subnet | undefined {
  const [address = '', prefixText, ...more] = text.trim().split('/');
  const version = isIP(address);
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const longest = version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? longest : Number(prefixText);
  return prefix > longest ? undefined : { address, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
