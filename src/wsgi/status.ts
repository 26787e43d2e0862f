/** What stands in the way, said to the operator. */
import type { StatusName } from '../juju/types.ts';

/** One line of `juju status`. */
export interface Verdict {
  readonly status: StatusName;
  readonly message: string;
}

/**
 * Something that the operator can mend, or that mends itself: it ends in a status, never in a failed hook, and the
 * application that serves goes on.
 */
export class Problem extends Error {
  readonly status: 'blocked' | 'waiting';

  constructor(status: 'blocked' | 'waiting', message: string) {
    super(message);
    this.name = 'Problem';
    this.status = status;
  }
}

/** @throws Problem always: somebody has to act. */
export function blocked(message: string): never {
  throw new Problem('blocked', message);
}

/** @throws Problem always: time or another charm will mend it. */
export function waiting(message: string): never {
  throw new Problem('waiting', message);
}

/** The line of several problems: what somebody must mend comes before what mends itself, the first found first. */
export function verdictOf(problems: readonly Problem[]): Verdict | undefined {
  const first = problems.find((problem) => problem.status === 'blocked') ?? problems[0];
  if (first === undefined) return undefined;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  return { status: first.status, message: `${first.message}${more}` };
}
