/**
 * What a unit does next: a pure decision from the model's state. The order is that of Juju's uniter
 * (internal/worker/uniter/resolver.go): error first, then the unit's life, then relations, then update-status.
 */

import { isDue } from '../model/clock.ts';
import { isPeer, relationsOf } from '../model/relations.ts';
import { secretEvent } from '../model/secrets.ts';
import type { Hook, ModelState, Relation, Unit } from '../model/state.ts';
import { nextRelationHook } from './next-relation-hook.ts';
import { updateStatusDue } from './update-status.ts';

export type Step =
  | { readonly kind: 'hook'; readonly hook: Hook }
  /** Puts the charm of the application into the unit's folder; upgrade-charm follows. */
  | { readonly kind: 'upgrade' }
  /** Becomes a member of every relation that is new to it. */
  | { readonly kind: 'enter-relations' }
  /** The failed hook is given up. */
  | { readonly kind: 'give-up' }
  /** The unit has nothing left to do in the model. */
  | { readonly kind: 'leave-model' };

type PlainName = Extract<Hook, { kind: 'plain' }>['name'];

export function plain(name: PlainName): Hook {
  return { kind: 'plain', name };
}

function run(name: PlainName): Step {
  return { kind: 'hook', hook: plain(name) };
}

export function nextStep(state: ModelState, unit: Unit): Step | undefined {
  if (unit.failed !== undefined) return stepInError(state, unit, unit.failed);
  const [queued] = unit.queue;
  if (queued !== undefined) return { kind: 'hook', hook: queued };
  if (!unit.installed) return unit.life === 'dying' ? { kind: 'leave-model' } : run('install');
  if (newRelations(state, unit).length > 0) return { kind: 'enter-relations' };
  return (
    createdStep(state, unit) ??
    leaderStep(state, unit) ??
    (unit.life === 'dying' ? lastSteps(state, unit) : lifeStep(state, unit))
  );
}

function stepInError(state: ModelState, unit: Unit, failed: NonNullable<Unit['failed']>): Step | undefined {
  if (unit.resolved === 'no-retry') return { kind: 'give-up' };
  const retries = state.modelConfig['automatically-retry-hooks'] !== 'false';
  if (unit.resolved === 'retry' || (retries && isDue(state, failed.retryAt)))
    return { kind: 'hook', hook: failed.hook };
  return undefined;
}

/** Living relations of its application that the unit is not in; in container scope only those of its own principal. */
export function newRelations(state: ModelState, unit: Unit): Relation[] {
  const principal = unit.principal === undefined ? undefined : state.units[unit.principal]?.application;
  return relationsOf(state, unit.application).filter((relation) => {
    if (relation.life !== 'alive' || unit.relations[String(relation.id)] !== undefined) return false;
    if (relation.scope !== 'container' || isPeer(relation) || principal === undefined) return true;
    return relation.ends.some(({ application }) => application === principal);
  });
}

function createdStep(state: ModelState, unit: Unit): Step | undefined {
  for (const [id, local] of Object.entries(unit.relations)) {
    const relation = state.relations[id];
    if (local.created || relation === undefined) continue;
    const remote = relation.ends.find(({ application }) => application !== unit.application)?.application;
    const hook: Hook = {
      kind: 'relation',
      step: 'created',
      relation: relation.id,
      remoteApp: remote ?? unit.application,
    };
    return { kind: 'hook', hook };
  }
  return undefined;
}

function leaderStep(state: ModelState, unit: Unit): Step | undefined {
  const application = state.applications[unit.application];
  if (application === undefined || unit.life === 'dying') return undefined;
  if (application.leader === unit.name) return unit.seen.leader ? undefined : run('leader-elected');
  const old = Number.parseInt(state.jujuVersion, 10) < 4;
  const stale = unit.seen.leaderSettings !== application.leaderSettingsVersion;
  return old && stale ? run('leader-settings-changed') : undefined;
}

function lifeStep(state: ModelState, unit: Unit): Step | undefined {
  const application = state.applications[unit.application];
  if (application === undefined) return undefined;
  if (unit.seen.charm !== application.charmVersion) return { kind: 'upgrade' };
  if (unit.seen.config !== application.configVersion) return run('config-changed');
  if (!unit.started) return run('start');
  const event = secretEvent(state, unit);
  if (event !== undefined) return { kind: 'hook', hook: { kind: 'secret', ...event } };
  const relationHook = nextRelationHook(state, unit);
  if (relationHook !== undefined) return { kind: 'hook', hook: relationHook };
  return isDue(state, updateStatusDue(state, unit)) ? run('update-status') : undefined;
}

/** Out of every relation, stop, remove, gone; a principal waits at the end for its subordinates. */
function lastSteps(state: ModelState, unit: Unit): Step | undefined {
  const relationHook = nextRelationHook(state, unit);
  if (relationHook !== undefined) return { kind: 'hook', hook: relationHook };
  if (unit.started && !unit.stopped) return run('stop');
  if (!unit.removed) return run('remove');
  const subordinates = Object.values(state.units).some(({ principal }) => principal === unit.name);
  return subordinates ? undefined : { kind: 'leave-model' };
}
