/** One machine serves one application of this kind: the unit files of its service and its processes say whose it is. */
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
  for (const { unit, owner } of await ownedUnits(machine)) {
    if (owner === undefined) {
      return blocked(`${unit} on this machine is not of this charm; remove ${UNITS}/${unit}, or use another machine`);
    }
    if (owner === juju.unit.unit || (await isOrphan(machine, owner, juju.unit.unit))) continue;
    return blocked(`${unit} belongs to ${owner}; use another machine, or remove that unit`);
  }
  return true;
}

/** What is left on this machine of a unit that Juju has removed; undefined where there is nothing. */
export async function orphaned({ machine, juju }: WsgiApi): Promise<OwnedUnit | undefined> {
  for (const owned of await ownedUnits(machine)) {
    const { owner } = owned;
    if (owner === undefined || owner === juju.unit.unit) continue;
    if (await isOrphan(machine, owner, juju.unit.unit)) return owned;
  }
  return undefined;
}

interface OwnedUnit {
  /** Name of the unit file. */
  readonly unit: string;
  /** The unit of Juju; undefined for a service of that name that this charm did not write. */
  readonly owner: string | undefined;
}

/** The service, and the processes that a charm of this kind wrote: an application without a web server has these alone. */
async function ownedUnits(machine: Machine): Promise<OwnedUnit[]> {
  const names = (await listDirectory(machine, UNITS)).filter((name) => /^wsgi-.*\.(?:service|timer)$/.test(name));
  const found: OwnedUnit[] = [];
  for (const unit of [SERVICE, ...names.sort()]) {
    const text = await readFile(machine, `${UNITS}/${unit}`);
    const owner = text === undefined ? undefined : ownerOf(text);
    if (owner !== undefined || (unit === SERVICE && text !== undefined)) found.push({ unit, owner });
  }
  return found;
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
