/** Statuses of units and applications, and their history. */

import type { StatusView } from '../hooktools/world.ts';
import { timestamp } from './clock.ts';
import { byName } from './ids.ts';
import type { Application, ModelState, Unit } from './state.ts';

/** Older entries of a unit's history go. */
const HISTORY = 500;

export function setWorkloadStatus(state: ModelState, unit: Unit, status: string, message: string): void {
  unit.workload = { status, message, since: timestamp(state) };
  record(unit, 'workload', unit.workload);
}

export function setAgentStatus(state: ModelState, unit: Unit, status: string, message: string): void {
  unit.agent = { status, message, since: timestamp(state) };
  record(unit, 'juju-unit', unit.agent);
}

function record(unit: Unit, type: 'workload' | 'juju-unit', status: Unit['agent']): void {
  unit.history.push({ type, ...status });
  if (unit.history.length > HISTORY) unit.history.splice(0, unit.history.length - HISTORY);
}

/** While a hook has failed `juju status` shows that; the charm's own status comes back with the mending. */
export function shownWorkload(unit: Unit): Unit['workload'] {
  if (unit.failed === undefined) return unit.workload;
  return { status: 'error', message: unit.failed.message, since: unit.failed.since };
}

export function unitsOf(state: ModelState, application: string): Unit[] {
  return Object.values(state.units)
    .filter((unit) => unit.application === application)
    .sort((a, b) => byName(a.name, b.name));
}

const SEVERITY = ['error', 'blocked', 'maintenance', 'waiting', 'active', 'terminated', 'unknown'];

/** What the leader set, else the gravest of the units'. @param of what counts as a unit's status */
export function applicationStatus(
  state: ModelState,
  application: Application,
  of: (unit: Unit) => Unit['workload'] = shownWorkload,
): StatusView & { readonly since?: string } {
  if (application.status !== undefined) return application.status;
  const grave = (status: string) => SEVERITY.indexOf(status);
  const [gravest] = unitsOf(state, application.name)
    .map(of)
    .sort((a, b) => grave(a.status) - grave(b.status));
  return gravest ?? { status: 'unknown', message: '' };
}
