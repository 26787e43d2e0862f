/**
 * How a release reaches this unit: prepared and tried at once, handed over in its turn. What every unit does alike is here;
 * who comes next is decided in turns.ts.
 */
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import { readLastServed } from '../memory/last-served.ts';
import type { Served } from '../service/state.ts';
import { type Tried, trial } from '../service/trial.ts';
import { attempt, blocked, Problem, waiting } from '../status.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { type Fleet, type LeaderState, readFleet, writeReport, writeState } from './peer.ts';
import { type Releases, releasesOf } from './release.ts';
import { decideTurns, type Failure, type Halt, holdsTurn, isCanary, type ReleaseId, type UnitReport } from './turns.ts';

/** Generation of the service that was tried for a turn and is good. */
const TRIED = 'wsgi.fleet.tried';

/** One unit's part in one release. */
export interface Part {
  readonly api: WsgiApi;
  readonly options: Options;
  readonly releases: Releases;
  /** What serves here now; undefined where nothing does. */
  readonly serves: ReleaseId | undefined;
  /** Undefined where nothing has to be agreed upon: `rollout=at-once`, or a charm that was deployed without the relation. */
  readonly fleet: Fleet | undefined;
}

/** Stands for what served before releases had names: it differs from every release. */
const UNNAMED = 'unnamed';

/**
 * @param source digest of code that is served in place; undefined while it is not known
 * @param served what serves here now
 * @returns undefined where the release has no name yet
 */
export async function partOf(
  api: WsgiApi,
  options: Options,
  source: string | undefined,
  served: Served,
): Promise<Part | undefined> {
  const releases = await releasesOf(api, options, source);
  if (releases === undefined) return undefined;
  const serves = served.pid === undefined ? undefined : (readLastServed(api).release ?? UNNAMED);
  return { api, options, releases, serves, fleet: needsFleet(options) ? readFleet(api.juju) : undefined };
}

/** Whether what other units do matters to this one. */
export function needsFleet(options: Options): boolean {
  const { rollout, provision_on, secret_key_variable } = options;
  // The Procfile may have a command to wait for, and is not known yet.
  return rollout !== 'at-once' || provision_on === 'leader' || secret_key_variable !== undefined;
}

/** Whether this unit hands over in its turn: not for a first start, nor for a build that an action gave it alone. */
export function needsTurn({ options, releases: { own, target }, serves, fleet }: Part): boolean {
  if (fleet === undefined || options.rollout === 'at-once') return false;
  return own === target && serves !== undefined && serves !== own;
}

/** A change, in the words of a status line. */
export interface Named {
  /** `r2 is`, `the new options are` */
  readonly is: string;
  readonly wait: 'wait' | 'waits';
  /** What serves before and after it: `r1`, `the old version`. */
  readonly old: string;
  readonly new: string;
}

/** What a unit may do now. */
type Permission = (
  | { readonly kind: 'go' }
  /** `line` follows `serving r1 on port 80; `. */
  | { readonly kind: 'wait'; readonly line: string; readonly halted: Halt | undefined }
) & {
  /** The trial of what is prepared. */
  readonly tried?: Tried | undefined;
};

/** What is to be handed over. */
export interface Change {
  readonly desired: DesiredService;
  readonly name: Named;
  /** The command that provisions the application, in the words of a sentence; undefined for none. */
  readonly provision: string | undefined;
  /** Credentials changed, which the running service must not wait for. */
  readonly urgent: boolean;
}

/** The words for a change of build, of options, or of the charm or source alone. */
export function changeName(change: {
  readonly label: string | undefined;
  readonly newLabel: string | undefined;
  readonly options: readonly string[];
}): Named {
  const { label, newLabel, options } = change;
  const [old, next] = [label ?? 'the old version', newLabel ?? 'the new version'];
  if (newLabel !== label) return { is: `${newLabel} is`, wait: 'waits', old, new: next };
  if (options.length > 0) return { is: 'the new options are', wait: 'wait', old, new: next };
  return { is: 'the new version is', wait: 'waits', old, new: next };
}

/** What came of a hand-over, or of asking for one. */
export interface InTurn {
  /** What serves now; undefined where nothing was handed over. */
  readonly served: Served | undefined;
  /** Follows the active line: `r2 is ready and waits for its turn`. */
  readonly line: string | undefined;
}

/**
 * Hands over if it is this unit's turn, and tells the fleet what came of it.
 *
 * @param problems where what went wrong, here or on another unit, is noted
 */
export async function inTurn(
  part: Part,
  problems: Problem[],
  change: Change,
  handOver: (tried: Tried | undefined) => Promise<Served>,
): Promise<InTurn> {
  const { name, urgent } = change;
  const permission = await attempt(problems, () => askForTurn(part, change));
  if (permission === undefined) return { served: undefined, line: undefined };
  if (permission.kind === 'wait' && !urgent) {
    if (permission.halted !== undefined) problems.push(haltedProblem(permission.halted, name.old));
    return { served: undefined, line: permission.line };
  }
  const before = problems.length;
  const served = await attempt(problems, () => handOver(permission.tried));
  const failure = problems[before];
  if (served === undefined) {
    if (failure !== undefined) reportFailure(part, failure, 'hand-over');
    return { served, line: undefined };
  }
  const { line, halted } = reportServed(part);
  if (halted !== undefined) problems.push(haltedProblem(halted, name.new));
  return { served, line };
}

function haltedProblem({ unit, reason }: Halt, serving: string): Problem {
  return new Problem('blocked', `release halted: ${unit}: ${reason}; ${serving} serves`);
}

/**
 * Asks to hand over to what is prepared. A first start, a build that an action gave this unit alone, and a change of
 * credentials or addresses need no turn.
 *
 * @throws Problem where the trial fails, and where a first start has to wait for the leader
 */
async function askForTurn(part: Part, { desired, name, provision }: Change): Promise<Permission> {
  const { api, options, fleet, releases, serves } = part;
  if (fleet === undefined) return { kind: 'go' };
  const { own, target } = releases;
  if (options.provision_on === 'leader' && provision !== undefined) {
    if (api.juju.isLeader()) writeState(api.juju, fleet, { ...fleet.state, provisioned: own });
    else if (fleet.state.provisioned !== own) return waitForLeader(serves, name, provision);
  }
  if (!needsTurn(part)) return { kind: 'go' };
  if (!hasFailed(fleet, own)) {
    let tried: Tried | undefined;
    try {
      tried = await tryOnce(api, desired);
    } catch (error) {
      if (error instanceof Problem) reportFailure(part, error, 'preparation');
      throw error;
    }
    const report: UnitReport = { ...reported(part, fleet), ready: own, failed: undefined };
    const state = agree(part, fleet, report);
    if (holdsTurn(state, report, own)) return { kind: 'go', tried };
    return {
      kind: 'wait',
      tried,
      line: `${name.is} ready and ${name.wait} for ${name.wait === 'wait' ? 'their' : 'its'} turn`,
      halted: haltOf(state, target),
    };
  }
  const state = agree(part, fleet, reported(part, fleet));
  return { kind: 'wait', line: `${name.is} ready`, halted: haltOf(state, target) };
}

/** This unit serves its release. Returns what follows its active line, and why the release is halted elsewhere. */
function reportServed(part: Part): { readonly line: string | undefined; readonly halted: Halt | undefined } {
  const { options, releases } = part;
  const fleet = asItIsNow(part);
  if (fleet === undefined || options.rollout === 'at-once') return { line: undefined, halted: undefined };
  const { own, target } = releases;
  const report: UnitReport = {
    ...reported(part, fleet),
    serves: own,
    ready: undefined,
    failed: undefined,
    done: doneNow(fleet),
  };
  const state = agree(part, fleet, report);
  const halted = haltOf(state, target);
  const alone =
    options.rollout === 'canary' &&
    halted === undefined &&
    own === target &&
    isCanary({ rollout: 'canary', target, units: fleet.reports(), state }, report.unit);
  return { line: alone ? 'canary: promote-release or halt-release' : undefined, halted };
}

/** The release does not come to serve here: the leader halts it. What only has to be waited for is no failure. */
export function reportFailure(part: Part, problem: Problem, at: Failure['at']): void {
  const { options, releases } = part;
  const fleet = asItIsNow(part);
  if (fleet === undefined || options.rollout === 'at-once') return;
  if (releases.own !== releases.target || problem.status !== 'blocked') return;
  const failed: Failure = { release: releases.own, reason: problem.message, attempt: fleet.state.attempt, at };
  const done = at === 'hand-over' ? doneNow(fleet) : reported(part, fleet).done;
  agree(part, fleet, { ...reported(part, fleet), ready: undefined, failed, done });
}

/** With what this hook has written itself: the leader gives itself its turn. */
function asItIsNow({ api, fleet }: Part): Fleet | undefined {
  return fleet && (readFleet(api.juju) ?? fleet);
}

function waitForLeader(serves: ReleaseId | undefined, { is, wait }: Named, command: string): Permission {
  if (serves === undefined) return waiting(`${command} has not ended yet on the leader`);
  return { kind: 'wait', line: `${is} ready and ${wait} for ${command} on the leader`, halted: undefined };
}

/** A failed hand-over is not repeated by itself: each costs a start of the old version. */
function hasFailed({ own: { failed }, state }: Fleet, release: ReleaseId): boolean {
  return failed?.at === 'hand-over' && failed.release === release && failed.attempt >= state.attempt;
}

/** What this unit says of itself before this look; a turn for a release that it no longer wants is given back. */
function reported({ releases, serves }: Part, fleet: Fleet): UnitReport {
  const { turn } = fleet.state;
  const stale = turn?.unit === fleet.own.unit && turn.release !== releases.own;
  return { ...fleet.own, serves, done: stale ? doneNow(fleet) : fleet.own.done };
}

function doneNow({ own, state }: Fleet): number {
  return state.turn?.unit === own.unit ? state.turn.number : own.done;
}

/** Says it, and on the leader decides at once what comes next: Juju tells the leader nothing of its own databag. */
function agree({ api, options, releases }: Part, fleet: Fleet, report: UnitReport): LeaderState {
  const { juju } = api;
  writeReport(juju, fleet, report);
  if (!juju.isLeader()) return fleet.state;
  const now = readFleet(juju) ?? fleet;
  const { rollout } = options;
  const { target } = releases;
  const decided = decideTurns({ rollout, target, units: now.reports(), state: now.state });
  const state = { ...now.state, ...decided, target };
  writeState(juju, now, state);
  return state;
}

function haltOf({ halted }: LeaderState, target: ReleaseId): Halt | undefined {
  return halted?.release === target ? halted : undefined;
}

/**
 * The trial of a release that waits for its turn is not repeated by every hook.
 *
 * @returns undefined where the machine refuses the sandbox, which the hand-over deals with
 */
async function tryOnce({ machine, data }: WsgiApi, desired: DesiredService): Promise<Tried | undefined> {
  const { generation } = desired;
  if (data.get(TRIED) === generation) return { generation, when: 'before' };
  const tried = await trial(machine, desired, async () => undefined);
  if (!tried.ok && tried.kind !== 'sandbox') blocked(`${desired.failure}: ${desired.mask(tried.reason)}`);
  if (!tried.ok) return undefined;
  data.set(TRIED, generation);
  return { generation, when: 'now' };
}
