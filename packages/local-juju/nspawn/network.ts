import { randomInt } from 'node:crypto';
import { host, hostTry } from './host.ts';

const BRIDGE = 'layerwsgi0';
const GATEWAY = '10.213.0.1';

/** What systemd sets at the boot of a machine, and may not in a container: with the kernel's 10 a syslog misses lines. */
const DATAGRAMS = 512;

/** A network namespace of its own on a bridge that it shares with the other machines and this host. */
export interface PrivateNetwork {
  readonly namespace: string;
  readonly address: string;
}

/** An address that no machine has yet is picked by chance among 65,000, and tried. */
export function randomAddress(): string {
  return `10.213.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}

/**
 * The same after a reboot, so that what this host and the other machines remember of it stays right: with another one they
 * would not reach the machine for half a minute. Locally administered (RFC 7042, section 2.1).
 */
function hardwareAddress(address: string): string {
  const octets = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
  return ['02', '00', ...octets].join(':');
}

/**
 * Makes the namespace, reachable from this host and from the other machines. It reaches nothing else, and has no route
 * that would let it try: what needs a registry fails at once.
 * @throws HostCommandError when the address is taken.
 */
export async function openNetwork(name: string, address: string): Promise<PrivateNetwork> {
  await host(
    'sh',
    '-c',
    `ip link show ${BRIDGE} >/dev/null 2>&1 || { ip link add ${BRIDGE} type bridge && ip addr add ${GATEWAY}/16 dev ${BRIDGE} && ip link set ${BRIDGE} up; }`,
  );
  const link = `lw${randomInt(0x10000000, 0x7fffffff).toString(16)}`;
  await host('ip', 'netns', 'add', name);
  try {
    await host('ip', 'link', 'add', link, 'type', 'veth', 'peer', 'name', 'host0', 'netns', name);
    await host('ip', 'link', 'set', link, 'master', BRIDGE, 'up');
    await host('ip', '-n', name, 'link', 'set', 'host0', 'address', hardwareAddress(address));
    await host('ip', '-n', name, 'addr', 'add', `${address}/16`, 'dev', 'host0');
    await host('ip', '-n', name, 'link', 'set', 'lo', 'up');
    await host('ip', 'netns', 'exec', name, 'sh', '-c', `echo ${DATAGRAMS} >/proc/sys/net/unix/max_dgram_qlen`);
    await host('ip', '-n', name, 'link', 'set', 'host0', 'up');
  } catch (problem) {
    await closeNetwork(name);
    throw problem;
  }
  return { namespace: name, address };
}

/** Removes the namespace, and the bridge with the last of them. */
export async function closeNetwork(name: string): Promise<void> {
  // A namespace goes some time after its name; the link that it holds must be off the bridge now.
  await hostTry('ip', '-n', name, 'link', 'del', 'host0');
  await hostTry('ip', 'netns', 'del', name);
  await hostTry('sh', '-c', CLOSE_BRIDGE);
}

/** The same, for a process that is on its way out. */
export const closeNetworkCommand = (name: string): string =>
  `ip -n ${name} link del host0 2>/dev/null; ip netns del ${name} 2>/dev/null; ${CLOSE_BRIDGE}`;

const CLOSE_BRIDGE = `[ -z "$(ls /sys/class/net/${BRIDGE}/brif 2>/dev/null)" ] && ip link del ${BRIDGE} 2>/dev/null; true`;
