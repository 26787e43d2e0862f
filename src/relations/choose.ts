/** One of several relations that could all give the same thing. */
import { numberOf } from './databag.ts';
import type { Relation } from './types.ts';

export interface Choice<Candidate> {
  readonly chosen: Candidate;
  /** For the log, when there was a choice. */
  readonly remark: string | undefined;
}

/**
 * The relation that is the oldest in the model counts, ready or not: a database must not change under an application
 * because another one answered first, or because the one in use is silent for a moment.
 */
export function chooseOldest<Candidate extends Pick<Relation, 'id' | 'remoteApp'>>(
  candidates: readonly Candidate[],
): Choice<Candidate> | undefined {
  const [chosen, ...others] = byAge(candidates);
  if (chosen === undefined) return undefined;
  if (others.length === 0) return { chosen, remark: undefined };
  const names = others.map(described).join(', ');
  return { chosen, remark: `${described(chosen)} is used, being the oldest relation; not used: ${names}` };
}

/** The oldest relation of the model first. */
export function byAge<Candidate extends Pick<Relation, 'id'>>(candidates: readonly Candidate[]): Candidate[] {
  return [...candidates].sort((a, b) => numberOf(a.id) - numberOf(b.id) || (a.id < b.id ? -1 : 1));
}

const described = ({ id, remoteApp }: Pick<Relation, 'id' | 'remoteApp'>): string =>
  remoteApp === undefined ? id : `${remoteApp} (${id})`;
