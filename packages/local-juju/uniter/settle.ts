/** Runs hooks until no unit of the model has anything to do. */

import { claimLeadership, forgetUnit, sweep } from '../model/applications.ts';
import { byName } from '../model/ids.ts';
import { LocalError } from '../model/local-error.ts';
import type { Hook, Unit } from '../model/state.ts';
import { setAgentStatus } from '../model/status.ts';
import { deployCharm } from './charm-directory.ts';
import { enterRelations } from './enter-relations.ts';
import { hookDone } from './hook-done.ts';
import { nextStep, plain, type Step } from './next-step.ts';
import { runHook } from './run-hook.ts';
import type { Session } from './session.ts';
import { hostPaths } from './unit-paths.ts';

/** More than any command should need; charms that answer each other for ever are found out by it. */
const MOST_STEPS = 10_000;

/** @throws LocalError when the charms never come to rest */
export async function settle(session: Session): Promise<void> {
  const { state } = session;
  for (const unit of Object.values(state.units)) takeUp(unit);
  for (let steps = 0; session.signal?.aborted !== true; steps++) {
    const busy = Object.values(state.units).filter((unit) => nextStep(state, unit) !== undefined);
    const names = busy.map(({ name }) => name).toSorted(byName);
    if (names.length === 0) break;
    if (steps >= MOST_STEPS)
      throw new LocalError(`the model does not come to rest: ${names.join(', ')} run hook after hook`);
    const unit = state.units[session.order(names)];
    const step = unit === undefined ? undefined : nextStep(state, unit);
    if (unit !== undefined && step !== undefined) await perform(session, unit, step);
  }
  // Only now: until all is quiet a relation that ends is still there, and cannot be made anew.
  sweep(state);
  for (const unit of Object.values(state.units)) {
    if (unit.agent.status === 'executing') setAgentStatus(state, unit, 'idle', '');
  }
  session.save();
}

/** A hook that was running when the command before was killed: its writes are lost, it runs again. */
function takeUp(unit: Unit): void {
  if (unit.running === undefined) return;
  const hook = unit.running;
  delete unit.running;
  if (JSON.stringify(unit.queue[0]) !== JSON.stringify(hook)) unit.queue.unshift(hook);
}

async function perform(session: Session, unit: Unit, step: Step): Promise<void> {
  const { state } = session;
  switch (step.kind) {
    case 'hook':
      await performHook(session, unit, step.hook);
      break;
    case 'upgrade':
      await placeCharm(session, unit);
      unit.queue.push(plain('upgrade-charm'), plain('config-changed'));
      break;
    case 'enter-relations':
      enterRelations(state, unit, (await session.machine(unit.machine)).address);
      break;
    case 'give-up':
      giveUp(session, unit);
      break;
    case 'leave-model':
      forgetUnit(state, unit);
      break;
  }
}

async function performHook(session: Session, unit: Unit, hook: Hook): Promise<void> {
  const twice = comesTwice(session, unit, hook);
  if (hook.kind === 'plain' && hook.name === 'install') {
    await placeCharm(session, unit);
    claimLeadership(session.state, unit);
  }
  await runHook(session, unit, hook);
  if (twice && unit.failed === undefined) unit.queue.push(plain('config-changed'));
}

/** Puts the charm and its revision of the application into the unit's folder. */
export async function placeCharm(session: Session, unit: Unit): Promise<void> {
  const application = session.state.applications[unit.application];
  if (application === undefined) return;
  const machine = await session.machine(unit.machine);
  const { charm, charmRevision } = application;
  const previous = unit.charmRevision === undefined ? undefined : session.charmDir(charm, unit.charmRevision);
  const target = hostPaths(machine, unit.name).charm;
  const url = `local:${charm}-${charmRevision}`;
  deployCharm(target, session.charmDir(charm, charmRevision), session.charmOf(application.name), url, previous);
  unit.charmRevision = charmRevision;
  unit.seen.charm = application.charmVersion;
}

/** Juju 4.0.14 mostly runs config-changed twice: not the first one, not after an upgrade, not after a retry. */
function comesTwice(session: Session, unit: Unit, hook: Hook): boolean {
  const { state } = session;
  const forConfig = unit.seen.config !== state.applications[unit.application]?.configVersion;
  const plainly = unit.started && unit.failed === undefined && unit.queue.length === 0;
  return state.quirks && hook.kind === 'plain' && hook.name === 'config-changed' && forConfig && plainly;
}

/** As if the hook had run; the status that was there before it failed shows again. */
function giveUp(session: Session, unit: Unit): void {
  const { failed } = unit;
  if (failed === undefined) return;
  delete unit.failed;
  delete unit.resolved;
  const application = session.state.applications[unit.application];
  const versions = { config: application?.configVersion ?? 0, leaderSettings: application?.leaderSettingsVersion ?? 0 };
  hookDone(session.state, unit, failed.hook, versions);
  setAgentStatus(session.state, unit, 'idle', '');
}
