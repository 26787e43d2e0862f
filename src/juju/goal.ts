/** What goal-state says of this unit and of the relations that are on their way to it. */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { HookToolError } from './run.ts';
import type { HookContext, UnitName } from './types.ts';

const states = record(v.object({ status: v.optional(v.string()) }));
const goal = v.object({ units: v.nullish(states), relations: v.nullish(record(states)) });

/** Undefined where Juju does not say. */
function goalOf(juju: HookContext): v.InferOutput<typeof goal> | undefined {
  try {
    const parsed = v.safeParse(goal, juju.goalState());
    return parsed.success ? parsed.output : undefined;
  } catch (error) {
    if (error instanceof HookToolError) return undefined;
    throw error;
  }
}

/** Whether Juju is about to remove a unit. */
export function isDying(juju: HookContext, unit: UnitName): boolean {
  return goalOf(juju)?.units?.[unit]?.status === 'dying';
}

/** The endpoints that are related; undefined where Juju does not say. Units hear of each only by its relation-created. */
export function relatedEndpoints(juju: HookContext): readonly string[] | undefined {
  const found = goalOf(juju);
  if (found === undefined) return undefined;
  return Object.entries(found.relations ?? {}).flatMap(([endpoint, others]) =>
    Object.keys(others).length > 0 ? [endpoint] : [],
  );
}
