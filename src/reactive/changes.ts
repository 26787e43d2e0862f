import { readFileSync } from 'node:fs';
import { digest } from './digest.ts';
import { canonical } from './json.ts';
import type { Data, Json } from './types.ts';

const fileKey = 'reactive.files_changed.';
const dataKey = 'reactive.data_changed.';

/**
 * Whether the content of any of the files differs from when this was last asked; all of them then count as seen.
 *
 * @throws Error when a file is there and cannot be read.
 */
export function anyFileChanged(data: Data, paths: readonly string[]): boolean {
  let changed = false;
  for (const path of paths) {
    const now = fileDigest(path);
    const before = data.get(fileKey + path) ?? null;
    if (now === before) continue;
    data.set(fileKey + path, now);
    changed = true;
  }
  return changed;
}

/** Whether a value differs from the one last noted under the key. Only its fingerprint is kept. */
export function isDataChanged(data: Data, key: string, value: Json): boolean {
  return data.get(dataKey + key) !== digest(canonical(value));
}

/** Notes a value under a key, and says whether it differs from the one before. */
export function noteDataChanged(data: Data, key: string, value: Json): boolean {
  const now = digest(canonical(value));
  if (data.get(dataKey + key) === now) return false;
  data.set(dataKey + key, now);
  return true;
}

function fileDigest(path: string): string | null {
  try {
    return digest(readFileSync(path, 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'EISDIR')) return null;
    throw error;
  }
}
