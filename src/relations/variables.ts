/**
 * The environment variables that an application gets from a relation, each with what the reference says of it and
 * whether it is a secret. Besides the common names, those that 12-factor charms give for the same relations
 * (paas-charm), so that an application moves between them unchanged.
 */

/** One environment variable that a relation gives. */
export interface Variable<Value> {
  /** For the reference: `Its host.` */
  readonly meaning: string;
  /** No log, status line or action may show it. */
  readonly secret: boolean;
  /** Its text; undefined where this answer has none. */
  readonly text: (value: Value) => string | undefined;
}

/** Variables by their names. */
export type Variables<Value> = Readonly<Record<string, Variable<Value>>>;

/** A variable that anybody may see. */
export function plain<Value>(meaning: string, text: Variable<Value>['text']): Variable<Value> {
  return { meaning, secret: false, text };
}

/** A variable that only the application may see. */
export function secret<Value>(meaning: string, text: Variable<Value>['text']): Variable<Value> {
  return { meaning, secret: true, text };
}

/** The same variables with a prefix in front of each name: `POSTGRESQL_DB` makes `PORT` into `POSTGRESQL_DB_PORT`. */
export function prefixed<Value>(prefix: string, variables: Variables<Value>): Variables<Value> {
  return Object.fromEntries(Object.entries(variables).map(([name, variable]) => [`${prefix}_${name}`, variable]));
}
