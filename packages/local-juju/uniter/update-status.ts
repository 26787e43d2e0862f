/** When a unit's next update-status is due. */

import { goDuration } from '../hooktools/secret-uri.ts';
import type { ModelState, Unit } from '../model/state.ts';

const DEFAULT_INTERVAL = 300_000;

/** On the model's clock; `undefined` before start. A changed interval counts from the last one on. */
export function updateStatusDue(state: ModelState, unit: Unit): number | undefined {
  if (unit.updateStatusSince === undefined) return undefined;
  const interval = goDuration(state.modelConfig['update-status-hook-interval'] ?? '') ?? DEFAULT_INTERVAL;
  return unit.updateStatusSince + interval;
}
