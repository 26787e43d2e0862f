/** Numbers and identifiers of things in the model, the same in each run of the same commands. */

import { createHash } from 'node:crypto';
import type { ModelState } from './state.ts';

/** The next of 32 hexadecimal digits that look random, drawn from the model's uuid and a counter. */
export function nextHex(state: ModelState): string {
  state.counters.identifiers += 1;
  return createHash('sha256').update(`${state.uuid} ${state.counters.identifiers}`).digest('hex').slice(0, 32);
}

export function nextUuid(state: ModelState): string {
  const hex = nextHex(state);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20)].join('-');
}

const XID = '0123456789abcdefghijklmnopqrstuv';

/** 20 signs as of Juju's secret ids; the first is a `d`, as it is in these years. */
export function nextSecretId(state: ModelState): string {
  const hex = nextHex(state) + nextHex(state);
  const signs = Array.from({ length: 19 }, (_, i) => XID[Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16) % 32]);
  return `d${signs.join('')}`;
}

export function nextOperationId(state: ModelState): string {
  const id = state.counters.operation;
  state.counters.operation += 1;
  return String(id);
}

/** `wsgi/2` before `wsgi/10`. */
export function byName(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
