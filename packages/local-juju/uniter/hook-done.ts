/** What is so once a hook has run (or been given up): what the unit has been told of. Pure but for the state it changes. */

import { secretEventDone } from '../model/secrets.ts';
import type { Hook, ModelState, Unit } from '../model/state.ts';

export interface Versions {
  readonly config: number;
  readonly leaderSettings: number;
}

export function hookDone(state: ModelState, unit: Unit, hook: Hook, versions: Versions): void {
  const [queued] = unit.queue;
  if (queued !== undefined && JSON.stringify(queued) === JSON.stringify(hook)) unit.queue.shift();
  if (hook.kind === 'relation') relationHookDone(state, unit, hook);
  else if (hook.kind === 'secret') secretEventDone(state, unit, hook);
  else plainHookDone(state, unit, hook.name, versions);
}

function plainHookDone(state: ModelState, unit: Unit, name: string, versions: Versions): void {
  switch (name) {
    case 'install':
      unit.installed = true;
      break;
    case 'leader-elected':
      unit.seen.leader = true;
      break;
    case 'leader-settings-changed':
      unit.seen.leaderSettings = versions.leaderSettings;
      break;
    case 'config-changed':
      unit.seen.config = versions.config;
      break;
    case 'start':
      unit.started = true;
      unit.updateStatusSince = state.advanced;
      break;
    case 'update-status':
      unit.updateStatusSince = state.advanced;
      break;
    case 'stop':
      unit.stopped = true;
      break;
    case 'remove':
      unit.removed = true;
      break;
  }
}

function relationHookDone(state: ModelState, unit: Unit, hook: Extract<Hook, { kind: 'relation' }>): void {
  const local = unit.relations[String(hook.relation)];
  if (local === undefined) return;
  switch (hook.step) {
    case 'created':
      local.created = true;
      break;
    case 'joined':
      if (hook.remoteUnit === undefined) break;
      local.members[hook.remoteUnit] = 0;
      local.changedPending = hook.remoteUnit;
      break;
    case 'changed':
      if (hook.remoteUnit === undefined) local.applications[hook.remoteApp] = hook.version ?? 0;
      else local.members[hook.remoteUnit] = hook.version ?? 0;
      if (local.changedPending === hook.remoteUnit) delete local.changedPending;
      break;
    case 'departed':
      if (hook.remoteUnit !== undefined) delete local.members[hook.remoteUnit];
      break;
    case 'broken':
      local.broken = true;
      leave(state, unit, hook.relation);
      break;
  }
}

/** From now on the others see the unit as departed. */
function leave(state: ModelState, unit: Unit, id: number): void {
  const relation = state.relations[String(id)];
  if (relation !== undefined) relation.units = relation.units.filter((name) => name !== unit.name);
}
