/**
 * What failed and cannot mend itself is not done again for the same inputs: in a deploy install, leader-elected, config-changed
 * and start would each compile the same package, and each run the same command on the same database.
 */
import type { Data } from '../../reactive/types.ts';
import { digestOf } from '../../system/digest.ts';

/** Steps that are remembered. */
const STEPS = ['requirements', 'update_make_target', 'provision_command', 'processes'] as const;
export type Step = (typeof STEPS)[number];

/** What an index, a network, a lock, a server that starts or a disk says, and soon may say no longer. */
const MENDS_ITSELF = new RegExp(
  [
    'connection (?:refused|reset|aborted|broken|timed out|to server)',
    'could not (?:connect|translate host name|fetch url|get lock)',
    'cannot (?:connect|reach)|failed to (?:connect|establish)',
    'temporary failure|name or service not known|name resolution|no address associated|nodename nor servname',
    'network is (?:unreachable|down)|no route to host|unreachable|timed? ?out',
    'is locked|lock wait|deadlock|resource temporarily unavailable|try again',
    'no space left|disk quota|read-only file system|input/output error|cannot allocate memory',
    'too many (?:connections|clients|requests)|starting up|shutting down|in recovery|service unavailable|bad gateway',
    'max retries|http error 5\\d\\d|5\\d\\d (?:server|service)|ServerSelectionTimeout|AutoReconnect',
  ].join('|'),
  'i',
);

/** Whether the same may well end otherwise in the next hook. */
export function mayMendItself(output: string): boolean {
  return MENDS_ITSELF.test(output);
}

function keyOf(step: Step): string {
  return `wsgi.failed.${step}`;
}

/** Why this step failed with the same inputs before; undefined where it is to be done. */
export function failedBefore(data: Data, step: Step, inputs: readonly unknown[]): string | undefined {
  const known = data.get(keyOf(step));
  if (!Array.isArray(known)) return undefined;
  const [digest, reason]: unknown[] = known;
  return digest === digestOf(inputs) && typeof reason === 'string' ? reason : undefined;
}

/** @param reason - without secrets: it is kept, and shown again */
export function rememberFailure(data: Data, step: Step, inputs: readonly unknown[], reason: string): void {
  data.set(keyOf(step), [digestOf(inputs), reason]);
}

export function forgetFailure(data: Data, step: Step): void {
  data.unset(keyOf(step));
}

/** Somebody asks for it, or another charm may do better: all is tried again. */
export function forgetFailures(data: Data): void {
  for (const step of STEPS) forgetFailure(data, step);
}
