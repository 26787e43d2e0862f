import { lastLine } from './last-line.ts';
import type { RunResult } from './machine.ts';
import { maskUrls } from './mask.ts';

/** Why packages could not be installed: each kind is one that an operator mends in another way. */
export type AptProblem =
  | { readonly ok: false; readonly problem: 'unknown'; readonly names: readonly string[] }
  | { readonly ok: false; readonly problem: 'locked' }
  | { readonly ok: false; readonly problem: 'unreachable'; readonly detail: string }
  | { readonly ok: false; readonly problem: 'failed'; readonly lastLine: string };

/** dpkg was ended in the middle of its work, and wants to finish that first. */
export interface Interrupted {
  readonly ok: false;
  readonly problem: 'interrupted';
}

const UNREACHABLE = /^(?:E|W|Err): ((?:Failed to fetch|Unable to fetch|Some index files failed).*)$/m;
const LOCKED = /Could not get lock|Unable to (?:lock|acquire)|is locked by another process|frontend lock/;
const INTERRUPTED = /^E: dpkg was interrupted/m;
const UNKNOWN =
  /^E: (?:Unable to locate package (\S+)|Package '?([^\s']+)'? has no installation candidate|Version '.*' for '(.*)' was not found)/gm;

/** Sorts what apt-get and dpkg say, in English, into kinds; undefined when it went well. */
export function problemOf({ code, stdout, stderr, timedOut }: RunResult): AptProblem | Interrupted | undefined {
  const said = maskUrls(`${stdout}\n${stderr}`);
  const [, detail] = UNREACHABLE.exec(said) ?? [];
  // `apt-get update` reports sources that it could not reach, and ends with code 0.
  if (code === 0) return detail === undefined ? undefined : { ok: false, problem: 'unreachable', detail };
  if (timedOut) return { ok: false, problem: 'failed', lastLine: stderr };
  if (INTERRUPTED.test(said)) return { ok: false, problem: 'interrupted' };
  if (LOCKED.test(said)) return { ok: false, problem: 'locked' };
  const unknown = [...said.matchAll(UNKNOWN)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  if (unknown.length > 0) return { ok: false, problem: 'unknown', names: [...new Set(unknown)] };
  if (detail !== undefined) return { ok: false, problem: 'unreachable', detail };
  return { ok: false, problem: 'failed', lastLine: lastLine(said) };
}
