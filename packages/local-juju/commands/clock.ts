/** advance: puts the model's clock forward and runs what falls due, in the order in which it does. */

import { goDuration } from '../hooktools/secret-uri.ts';
import { LocalError } from '../model/local-error.ts';
import type { ModelState } from '../model/state.ts';
import type { Session } from '../uniter/session.ts';
import { settle } from '../uniter/settle.ts';
import { updateStatusDue } from '../uniter/update-status.ts';

/** `5m`, `90s`, `1h30m` in milliseconds. @throws LocalError */
export function duration(text: string): number {
  const milliseconds = goDuration(text);
  if (milliseconds === undefined || milliseconds < 0)
    throw new LocalError(`invalid duration ${JSON.stringify(text)}, try "5m"`);
  return milliseconds;
}

export async function advance(session: Session, milliseconds: number): Promise<void> {
  const { state } = session;
  const end = state.advanced + milliseconds;
  for (;;) {
    const next = nextDue(state, end);
    if (next === undefined || session.signal?.aborted === true) break;
    state.advanced = next;
    await settle(session);
  }
  state.advanced = Math.max(state.advanced, end);
  await settle(session);
}

/** The first moment after now, and not after `end`, at which something falls due. */
function nextDue(state: ModelState, end: number): number | undefined {
  const retries = state.modelConfig['automatically-retry-hooks'] !== 'false';
  const dues = [
    ...Object.values(state.units).flatMap((unit) =>
      unit.failed === undefined ? [updateStatusDue(state, unit)] : retries ? [unit.failed.retryAt] : [],
    ),
    ...Object.values(state.secrets).flatMap((secret) => [secret.rotates?.due, secret.expires?.due]),
  ];
  const coming = dues.filter((due): due is number => due !== undefined && due > state.advanced && due <= end);
  return coming.length === 0 ? undefined : Math.min(...coming);
}
