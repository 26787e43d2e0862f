import type { Variables } from '../config/environment-variables.ts';
import { unfit } from '../config/variable-names.ts';

import { blocked } from '../status.ts';

/** The environment of the application, and what is to be said of it. */
export interface Environment {
  readonly variables: Variables;
  /** Names of relations' variables that the operator's own values replaced, for the log. */
  readonly overridden: readonly string[];
  /** Relations' variables that no process could be given; the reason reads on after the name and shows no value. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** Where variables come from; each kind wins over those before it. */
export interface EnvironmentParts {
  /** What every application gets: HOME, PATH and the like. */
  readonly base: Readonly<Record<string, string>>;
  /** What relations give: DATABASE_URL and the like. */
  readonly relations: Readonly<Record<string, string>>;
  /** The environment_from option: names of relations' variables, by the name that the application reads. */
  readonly from: Variables;
  /** The options environment_variables and environment_secrets. */
  readonly user: Variables;
}

/**
 * Puts the environment of the application together, sorted by name, so that the same variables make the same file.
 *
 * @throws Problem for a name in `from` that no relation gives; it lists those that there are
 */
export function buildEnvironment({ base, relations, from, user }: EnvironmentParts): Environment {
  const named = Object.fromEntries([...from].map(([name, other]) => [name, variableNamed(relations, other, name)]));
  const given = Object.entries({ ...relations, ...named }).map(([name, value]) => ({
    name,
    value,
    reason: unfit(name, value),
  }));
  const fit = given.filter(({ reason }) => reason === undefined);
  const variables = new Map(Object.entries(base));
  for (const { name, value } of fit) variables.set(name, value);
  for (const [name, value] of user) variables.set(name, value);
  return {
    variables: new Map([...variables].sort(([a], [b]) => (a < b ? -1 : 1))),
    overridden: fit.filter(({ name, value }) => (user.get(name) ?? value) !== value).map(({ name }) => name),
    left: given.flatMap(({ name, reason }) => (reason === undefined ? [] : [{ name, reason }])),
  };
}

function variableNamed(relations: Readonly<Record<string, string>>, other: string, name: string): string {
  const value = Object.hasOwn(relations, other) ? relations[other] : undefined;
  if (value !== undefined) return value;
  const names = Object.keys(relations).sort().join(', ') || 'none, for no relation gives any';
  return blocked(`environment_from: ${name}: there is no variable ${other}; there are: ${names}`);
}
