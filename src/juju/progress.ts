/**
 * A mark on disk while a hook runs. A hook that was killed, or failed, leaves it behind, and the next one knows that
 * what is remembered may have missed an event.
 */
import { closeSync, openSync, rmSync } from 'node:fs';

export interface HookProgress {
  /** Whether the hook before this one came to its end. */
  readonly previousCommitted: boolean;
  /** Call when everything is written, the store last. */
  committed(): void;
}

/**
 * Marks the beginning of a hook.
 * @param mark path of the mark, in a folder that outlives an upgrade of the charm, such as the store's
 */
export function beginHook(mark: string): HookProgress {
  return { previousCommitted: create(mark), committed: () => rmSync(mark, { force: true }) };
}

/** A mark that cannot be made says nothing about the hook to come, so nothing is trusted. */
function create(mark: string): boolean {
  try {
    closeSync(openSync(mark, 'wx', 0o600));
    return true;
  } catch {
    return false;
  }
}
