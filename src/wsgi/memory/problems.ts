/** The problems of the last days, which the action doctor shows. */
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import type { Verdict } from '../status.ts';

const Noted = z.object({
  status: z.string(),
  message: z.string(),
  /** When it was first seen, in UTC. */
  at: z.string(),
  /** When it was no longer seen; absent while it lasts. */
  until: z.optional(z.string()),
});
export type NotedProblem = z.infer<typeof Noted>;

const KEY = 'wsgi.problems';
const KEPT = 8;

/** The newest first. */
export function recentProblems(data: Data): NotedProblem[] {
  const parsed = z.safeParse(z.array(Noted), data.get(KEY));
  return parsed.success ? parsed.data.reverse() : [];
}

/** Called at the end of a look with all that it found wrong. Writes only where that differs from what is noted. */
export function noteProblems(data: Data, problems: readonly Verdict[], now: () => Date = () => new Date()): void {
  const known = recentProblems(data).reverse();
  const at = `${now().toISOString().slice(0, 19)}Z`;
  const isSeen = ({ message }: NotedProblem) => problems.some((problem) => problem.message === message);
  const before = known.map((noted) => (noted.until !== undefined || isSeen(noted) ? noted : { ...noted, until: at }));
  const lasting = new Set(before.filter(({ until }) => until === undefined).map(({ message }) => message));
  const fresh = problems.filter(({ message }) => !lasting.has(message));
  const all = [...before, ...fresh.map(({ status, message }) => ({ status, message, at }))].slice(-KEPT);
  if (JSON.stringify(all) !== JSON.stringify(known)) data.set(KEY, JSON.parse(JSON.stringify(all)));
}
