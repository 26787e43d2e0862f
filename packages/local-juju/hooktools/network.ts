/** network-get, unit-get */

import { GoStruct } from './go-value.ts';
import { relationFlag } from './relations.ts';
import { boolFlag, checkEmpty, type GoValue, type Invocation, parseWithFormat, print, ToolError } from './tool.ts';
import type { NetworkView } from './world.ts';

export function networkGet(run: Invocation): void {
  const asked = relationFlag(run);
  const [bind, ingress, egress, primary] = [boolFlag(), boolFlag(), boolFlag(), boolFlag()];
  const { rest, format } = parseWithFormat(run, {
    ...asked.flags,
    'bind-address': bind.flag,
    'ingress-address': ingress.flag,
    'egress-subnets': egress.flag,
    'primary-address': primary.flag,
  });
  const [binding, ...more] = rest;
  if (binding === undefined) throw new ToolError(2, 'no arguments specified');
  if (binding === '') throw new ToolError(2, 'no binding name specified');
  checkEmpty(more);
  const { endpoints } = run.world;
  const { address = run.world.network.address } = asked.relation ?? {};
  const network = { ...run.world.network, address };
  if (!endpoints.includes(binding)) {
    throw new ToolError(1, `no network config found for binding ${JSON.stringify(binding)}`);
  }
  const chosen: [string, GoValue][] = [];
  if (bind.on) chosen.push(['bind-address', network.address]);
  if (egress.on) chosen.push(['egress-subnets', egressSubnets(network)]);
  if (ingress.on) chosen.push(['ingress-address', network.address]);
  if (primary.on) {
    if (chosen.length > 0) throw new ToolError(1, '--primary-address must be the only flag specified');
    chosen.push(['primary-address', network.address]);
  }
  const [only, ...others] = chosen;
  if (only === undefined) print(run, format, display(network, format === 'json'));
  else print(run, format, others.length === 0 ? only[1] : Object.fromEntries(chosen));
}

/** A /32 or, for IPv6, a /128. */
function egressSubnets(network: NetworkView): string[] {
  return [`${network.address}/${network.address.includes(':') ? 128 : 32}`];
}

/** YAML has some keys twice, for charms of old. */
function display(network: NetworkView, json: boolean): GoValue {
  const address = new GoStruct([
    ['hostname', network.hostname],
    ['value', network.address],
    ['cidr', network.cidr],
    ['address', json ? undefined : network.address],
  ]);
  const device = new GoStruct([
    ['mac-address', network.macAddress],
    ['interface-name', network.interfaceName],
    ['addresses', [address]],
    ['macaddress', json ? undefined : network.macAddress],
    ['interfacename', json ? undefined : network.interfaceName],
  ]);
  return new GoStruct([
    ['bind-addresses', [device]],
    ['egress-subnets', egressSubnets(network)],
    ['ingress-addresses', [network.address]],
  ]);
}

export function unitGet(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  const [setting, ...more] = rest;
  if (setting === undefined) throw new ToolError(2, 'no setting specified');
  if (setting !== 'private-address' && setting !== 'public-address') {
    throw new ToolError(2, `unknown setting ${JSON.stringify(setting)}`);
  }
  checkEmpty(more);
  print(run, format, run.world.network.address);
}
