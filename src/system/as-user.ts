/** Programs that work in folders of another user: as that user, so that a link or a swapped folder leads no further than it may go. */
import type { Machine, RunOptions, RunResult } from './machine.ts';

export interface User {
  readonly user: string;
  readonly group: string;
}

/**
 * Runs a program as a user: with its groups, no capability, and nothing of the hook's environment, which that user may look at.
 *
 * @see setpriv(1)
 */
export function runAs(
  machine: Machine,
  { user, group }: User,
  argv: readonly [string, ...string[]],
  options: Pick<RunOptions, 'timeout'> = {},
): Promise<RunResult> {
  const rights = ['--init-groups', '--inh-caps=-all', '--no-new-privs', '--reset-env'];
  return machine.run('setpriv', [`--reuid=${user}`, `--regid=${group}`, ...rights, '--', ...argv], options);
}
