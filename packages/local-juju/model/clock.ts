/**
 * The model's clock. Its hands go with the real time plus what `advance` has put them forward; what is due (a retry, an
 * update-status, the expiry of a secret) hangs on `advance` alone, so that nothing happens by itself and no test waits.
 */

import type { ModelState } from './state.ts';

export function now(state: ModelState): Date {
  return new Date(Date.now() + state.advanced);
}

/** RFC 3339 with milliseconds. */
export function timestamp(state: ModelState): string {
  return now(state).toISOString();
}

/** When something is due that is to come in so many milliseconds. */
export function dueIn(state: ModelState, milliseconds: number): number {
  return state.advanced + milliseconds;
}

export function isDue(state: ModelState, due: number | undefined): boolean {
  return due !== undefined && due <= state.advanced;
}

/** `01 Jan 2000 09:41:28Z`, as in `juju status`. */
export function shortTime(time: string): string {
  const date = new Date(time);
  const month = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
  const day = String(date.getUTCDate()).padStart(2, '0');
  return `${day} ${month} ${date.getUTCFullYear()} ${clockTime(time)}Z`;
}

/** `09:41:28`, UTC. */
export function clockTime(time: string): string {
  return new Date(time).toISOString().slice(11, 19);
}

/** `2000-01-01 09:41:26Z`, as in goal-state. */
export function spacedTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 10)} ${clockTime(time)}Z`;
}
