/** One machine serves one application of this kind: the unit file says whose it is. */
import { readFile } from '../system/files.ts';
import type { WsgiApi } from './api.ts';
import { SERVICE, UNITS } from './paths.ts';
import { blocked } from './status.ts';

/**
 * @returns true, for whoever goes on only then
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
  if (owner !== juju.unit.unit)
    return blocked(`${SERVICE} belongs to ${owner}; use another machine, or remove that unit`);
  return true;
}

/** The unit of Juju that a unit file belongs to; undefined for a file that this charm did not write. */
export function ownerOf(text: string): string | undefined {
  return /^# Owner: (\S+)$/m.exec(text)?.[1];
}
