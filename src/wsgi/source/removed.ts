/** Notices that somebody removed a build, or a part of it. */
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { listDirectory } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';

/** Where it is noted what provision_command has run for, and make in the build of a folder: what they wrote goes with the build. */
export const PROVISIONED = 'wsgi.provisioned';
export const madeKey = (folder: string) => `wsgi.made.${folder}`;

/** A folder is filled anew. */
export function forgetMade(data: Data, folder: string): void {
  data.unset(PROVISIONED);
  data.unset(madeKey(folder));
}

const KEY = 'wsgi.build.entries';
const Entries = z.object({ folder: z.string(), names: z.array(z.string()) });

/** The build in this folder serves as it is now: what stands at its top is expected to stay there. */
export async function expectEntries(machine: Machine, data: Data, folder: string): Promise<void> {
  const now = { folder, names: (await listDirectory(machine, folder)).sort() };
  if (JSON.stringify(now) !== JSON.stringify(data.get(KEY))) data.set(KEY, now);
}

/** What provision_command removes is not missed. */
export function expectAnything(data: Data): void {
  data.unset(KEY);
}

/** Whether a folder is gone, or is empty, or lacks what stood in it while it served. */
export async function isRemoved(machine: Machine, data: Data, folder: string): Promise<boolean> {
  const names = await listDirectory(machine, folder);
  const expected = z.safeParse(Entries, data.get(KEY));
  const missed = expected.success && expected.data.folder === folder ? expected.data.names : [];
  return names.length === 0 || missed.some((name) => !names.includes(name));
}
