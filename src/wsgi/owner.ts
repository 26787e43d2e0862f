/** One machine serves one application of this kind: the unit file says whose it is. */
import { listDirectory, readFile } from '../system/files.ts';
import type { Machine } from '../system/machine.ts';
import type { WsgiApi } from './api.ts';
import { SERVICE, UNITS } from './paths.ts';
import { blocked } from './status.ts';

/**
 * @returns true, so that a caller can continue on that alone
 * @throws Problem that names the owner
 */
export async function checkOwner({ machine, juju }: WsgiApi): Promise<true> {
  const text = await readFile(machine, `${UNITS}/${SERVICE}`);
  if (text === undefined) return true;
  const owner = ownerOf(text);
  if (owner === undefined) {
    return blocked(
      `${SERVICE} on this machine is not of this charm; remove ${UNITS}/${SERVICE}, or use another machine`,
    );
  }
  if (owner === juju.unit.unit || (await isOrphan(machine, owner, juju.unit.unit))) return true;
  return blocked(`${SERVICE} belongs to ${owner}; use another machine, or remove that unit`);
}

/** The unit whose service is left on this machine although Juju has removed it; undefined where there is none. */
export async function orphanOwner({ machine, juju }: WsgiApi): Promise<string | undefined> {
  const text = await readFile(machine, `${UNITS}/${SERVICE}`);
  const owner = text === undefined ? undefined : ownerOf(text);
  if (owner === undefined || owner === juju.unit.unit) return undefined;
  return (await isOrphan(machine, owner, juju.unit.unit)) ? owner : undefined;
}

/** Where Juju keeps a folder for each unit of the machine. */
const AGENTS = '/var/lib/juju/agents';

/**
 * Whether Juju has removed a unit, with or without its hooks stop and remove. Believed only where our own folder is seen
 * beside it.
 */
async function isOrphan(machine: Machine, owner: string, own: string): Promise<boolean> {
  const agents = await listDirectory(machine, AGENTS);
  const has = (unit: string) => agents.includes(`unit-${unit.replace('/', '-')}`);
  return has(own) && !has(owner);
}

/** The unit of Juju that a unit file belongs to; undefined for a file that this charm did not write. */
export function ownerOf(text: string): string | undefined {
  return /^# Owner: (\S+)$/m.exec(text)?.[1];
}
