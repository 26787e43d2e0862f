/** Whether the hook before came to its end: to that of Python, which writes the store after all else. */
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Data } from '../reactive/types.ts';

/** In the charm directory: the id of the hook that began last. */
const FILE = '.wsgi.hook';
/** In the store: the id of the hook that ended well last. */
const KEY = 'wsgi.hook';

export interface HookMark {
  /** What the hook before did to the world is not in the store, or not all of it. */
  readonly interrupted: boolean;
  /** Notes, in a store that is yet to be written, that this hook ends well. */
  end(): void;
}

export function beginHook(charmDir: string, data: Data): HookMark {
  const id = randomUUID();
  const file = join(charmDir, FILE);
  const unfinished = began(file) !== data.get(KEY);
  return { interrupted: !mark(file, id) || unfinished, end: () => data.set(KEY, id) };
}

function began(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Says whether the mark could be left. If not, none could be left before either: assume that the last hook did not finish. */
function mark(file: string, id: string): boolean {
  try {
    writeFileSync(file, id, { mode: 0o600 });
    return true;
  } catch {
    return false;
  }
}
