/** A revision of the charm whose unit file differs, so that a refresh to it starts the application anew. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A line that the unit file of the next revision has. */
export const NEXT = 'Environment=REVISION=2';

/** @returns `folder`, with the charm in it */
export async function withNextUnitFile(charm: string, folder: string): Promise<string> {
  await cp(charm, folder, { recursive: true });
  const code = join(folder, 'lib/reconcile.cjs');
  const before = await readFile(code, 'utf8');
  const after = before.replaceAll('[Service]\\nType=notify', `[Service]\\n${NEXT}\\nType=notify`);
  if (after === before) throw new Error(`${code} has no unit file of the service`);
  await writeFile(code, after);
  return folder;
}
