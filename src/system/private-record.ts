/** JSON that may hold secrets, in a file that only root can read, apart from the store of flags. */
import { readFileSync } from 'node:fs';
import { replacePrivateFile } from './atomic-file.ts';
import { errorCode } from './errors.ts';

export type RecordJson =
  | null
  | boolean
  | number
  | string
  | readonly RecordJson[]
  | { readonly [key: string]: RecordJson };

/** A few values by name, kept in one file. A file that cannot be read is an empty record: all in it can be asked again. */
export interface PrivateRecord {
  /** Whether there was a file that cannot be read, so that what it held is lost until it is asked again. */
  readonly damaged: boolean;
  get(key: string): RecordJson | undefined;
  set(key: string, value: RecordJson): void;
  unset(key: string): void;
  /** Writes the file (0600, atomically) if something changed. Returns why it could not be written. */
  commit(): string | undefined;
}

/** @param path on this host, without the root prefix: the charm directory is where Juju says it is. */
export function openPrivateRecord(path: string): PrivateRecord {
  let text = '{}';
  let values = new Map<string, RecordJson>();
  let damaged = false;
  try {
    text = readFileSync(path, 'utf8');
    const parsed: unknown = JSON.parse(text);
    damaged = !isRecord(parsed);
    if (isRecord(parsed)) values = new Map(Object.entries(parsed));
  } catch (error) {
    damaged = errorCode(error) !== 'ENOENT';
    text = '';
  }
  return {
    damaged,
    get: (key) => values.get(key),
    set: (key, value) => void values.set(key, value),
    unset: (key) => void values.delete(key),
    commit() {
      const next = `${JSON.stringify(Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1))))}\n`;
      if (next === text || (text === '' && values.size === 0)) return undefined;
      try {
        replacePrivateFile(path, next);
        text = next;
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };
}

function isRecord(value: unknown): value is Record<string, RecordJson> {
  // JSON.parse makes nothing but JSON: an object of it is a record of JSON values.
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
