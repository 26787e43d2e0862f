/** Names of processes, and what they mean to the charm. */

/** A name that a Procfile may give a process, and an option or a unit file can hold. */
export const PROCESS_NAME = /^[^\p{C}\p{Z}:=#"'\\][^\p{C}\p{Z}:="'\\]{0,63}$/u;

/** More of one process than any machine runs well is a slip of the keyboard. */
export const MOST_OF_A_PROCESS = 100;

/** What a Procfile's name for a process means to the charm besides. */
export function roleOf(name: string): 'web' | 'release' | 'scheduler' | 'process' {
  if (name === 'web' || name === 'release') return name;
  return /^(?:scheduler|beat|clock|.+-scheduler)$/.test(name) ? 'scheduler' : 'process';
}
