/** What a test needs and this computer lacks. */

/** Set in the environment of a run in which every test counts. */
export const ALL_REQUIRED = 'LAYER_WSGI_TESTS_REQUIRED';

/**
 * @param why why a test cannot run here: it is left out, and says so
 * @throws Error where it may not be left out
 */
export function leftOut(why: string): string {
  if (process.env[ALL_REQUIRED] === undefined) return why;
  throw new Error(`${why}; no test may be left out of this run`);
}
