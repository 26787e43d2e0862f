import { createHash } from 'node:crypto';

/** A digest of any JSON, the same for the same content; says nothing of what is in it. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}
