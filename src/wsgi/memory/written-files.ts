/** What the charm wants its files on the machine to be, and since when a release is served: a change by hand is seen. */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { readBytes } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';

const FILES = 'wsgi.files';
const SOURCE = 'wsgi.files.source';
const Files = z.record(z.string(), z.string());
const Since = z.object({ folder: z.string(), at: z.number(), of: z.string() });

/** Called where the charm's files are as it wants them: their contents, by machine path. */
export function rememberFiles(data: Data, files: ReadonlyMap<string, string | Uint8Array>): void {
  const now = Object.fromEntries([...files].map(([path, content]) => [path, digest(content)]));
  if (JSON.stringify(now) !== JSON.stringify(data.get(FILES))) data.set(FILES, now);
}

/** Files that are not as the charm wants them. */
export async function changedFiles(
  machine: Machine,
  data: Data,
): Promise<{ readonly path: string; readonly gone: boolean }[]> {
  const parsed = Files.safeParse(data.get(FILES));
  const changed: { readonly path: string; readonly gone: boolean }[] = [];
  for (const [path, wanted] of Object.entries(parsed.success ? parsed.data : {})) {
    const content = await readBytes(machine, path).catch(() => undefined);
    if (content === undefined || digest(content) !== wanted) changed.push({ path, gone: content === undefined });
  }
  return changed;
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/**
 * Notes since when the files in a folder are those of the release.
 *
 * @param written whether the charm itself, or provision_command, has written there in this hook
 */
export function rememberSource(data: Data, { folder, digest: of }: SourceFiles, written: boolean): void {
  const before = Since.safeParse(data.get(SOURCE)).data;
  if (!written && before?.folder === folder && before.of === of) return;
  data.set(SOURCE, { folder, of, at: Date.now() });
}

interface SourceFiles {
  readonly folder: string;
  readonly digest: string;
}

/** The folder of what serves, and since when its files are as they should be, in milliseconds; undefined where none has served. */
export function sourceSince(data: Data): { readonly folder: string; readonly at: number } | undefined {
  return Since.safeParse(data.get(SOURCE)).data;
}
