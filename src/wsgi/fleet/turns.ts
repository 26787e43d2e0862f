/**
 * Who may hand over to the new release next. The leader decides from what the units report; units act only while they hold
 * a turn. Nothing here knows Juju: reports in, the fleet's state out.
 */

/** Names what operators asked for: the same options, build and charm revision give the same id on every unit. */
export type ReleaseId = string;

/** How a release reaches the units: values of the option `rollout`. */
export type Rollout = 'at-once' | 'one-by-one' | 'canary';

/** Why a unit does not serve a release. */
export interface Failure {
  readonly release: ReleaseId;
  /** What the operator reads; without secrets. */
  readonly reason: string;
  /** {@link FleetState.attempt} when it failed. */
  readonly attempt: number;
  /** What fails before a hand-over is tried again by every look; a failed hand-over waits for `promote-release`. */
  readonly at: 'preparation' | 'hand-over';
}

/** What one unit says in its databag. */
export interface UnitReport {
  /** For example `wsgi/0`. */
  readonly unit: string;
  /** What it serves; undefined where it serves nothing yet. */
  readonly serves: ReleaseId | undefined;
  /** What it wants to serve, prepared and tried; undefined while it prepares. */
  readonly ready: ReleaseId | undefined;
  readonly failed: Failure | undefined;
  /** Number of the last turn that it finished, whatever came of it. */
  readonly done: number;
}

export interface Turn {
  readonly unit: string;
  readonly release: ReleaseId;
  /** Counts up, so that an old databag grants nothing twice. */
  readonly number: number;
}

export interface Halt {
  readonly release: ReleaseId;
  readonly unit: string;
  readonly reason: string;
  /** Asked for with `halt-release`; holds until an operator promotes or changes the release. */
  readonly byOperator: boolean;
}

/** What the leader says in the application's databag. */
export interface FleetState {
  readonly turn: Turn | undefined;
  /** Number of the last turn that was granted. */
  readonly granted: number;
  readonly halted: Halt | undefined;
  /** The release that may go beyond the first unit. */
  readonly promoted: ReleaseId | undefined;
  /** The release that all units served last: going back to it needs no canary. */
  readonly settled: ReleaseId | undefined;
  /** The unit that has the release first, with canary: no other one follows it when it is taken back there. */
  readonly canary: { readonly unit: string; readonly release: ReleaseId } | undefined;
  /** Counts `promote-release`: failures of an earlier attempt count no more. */
  readonly attempt: number;
}

export const NEW_FLEET: FleetState = {
  turn: undefined,
  granted: 0,
  halted: undefined,
  promoted: undefined,
  settled: undefined,
  canary: undefined,
  attempt: 0,
};

export interface TurnsInput {
  readonly rollout: Rollout;
  /** The release that the leader's own options ask for. */
  readonly target: ReleaseId;
  /** Every unit of the application that is there, the leader included. */
  readonly units: readonly UnitReport[];
  readonly state: FleetState;
}

/**
 * Decides the fleet's next state. A turn ends when its unit reports it done or is gone; the first failure halts the release;
 * the next ready unit gets the next turn.
 */
export function decideTurns({ rollout, target, units, state }: TurnsInput): FleetState {
  const turn = openTurn(state.turn, units);
  const halted = haltOf(target, units, state);
  const everywhere = units.every(({ serves }) => serves === target);
  const now: FleetState = { ...state, turn, halted, settled: everywhere ? target : state.settled };
  if (rollout === 'at-once' || turn !== undefined || halted !== undefined) return now;
  const next = nextUnit({ rollout, target, units, state });
  if (next === undefined) return now;
  const number = state.granted + 1;
  const canary = needsCanary({ rollout, target, units, state }) ? { unit: next.unit, release: target } : state.canary;
  return { ...now, turn: { unit: next.unit, release: target, number }, granted: number, canary };
}

/** Lets the release go beyond its first unit, and tries once more what failed. */
export function promote(state: FleetState, target: ReleaseId): FleetState {
  return { ...state, promoted: target, halted: undefined, attempt: state.attempt + 1 };
}

/** Stops the release where it is until {@link promote}, or until another release is asked for. */
export function halt(state: FleetState, target: ReleaseId, unit: string): FleetState {
  return { ...state, halted: { release: target, unit, reason: 'halted by halt-release', byOperator: true } };
}

/** Whether a unit holds the turn to serve a release now. */
export function holdsTurn(state: FleetState, report: Pick<UnitReport, 'unit' | 'done'>, release: ReleaseId): boolean {
  const { turn } = state;
  return turn?.unit === report.unit && turn.release === release && turn.number > report.done;
}

/** The units that serve the target while the rest waits for `promote-release`. */
export function isCanary(input: TurnsInput, unit: string): boolean {
  const { target, units } = input;
  if (!needsCanary(input)) return false;
  const served = units.filter((each) => each.serves === target);
  return served.some((each) => each.unit === unit) && units.some((each) => waits(each, target));
}

/** A unit that is gone can report nothing; its turn ends with it. */
function openTurn(turn: Turn | undefined, units: readonly UnitReport[]): Turn | undefined {
  const holder = units.find((each) => each.unit === turn?.unit);
  return turn === undefined || holder === undefined || holder.done >= turn.number ? undefined : turn;
}

function haltOf(target: ReleaseId, units: readonly UnitReport[], state: FleetState): Halt | undefined {
  const { halted, attempt } = state;
  if (halted?.byOperator && halted.release === target) return halted;
  const failed = units.find((each) => each.failed?.release === target && each.failed.attempt >= attempt);
  if (failed?.failed === undefined) return undefined;
  return { release: target, unit: failed.unit, reason: failed.failed.reason, byOperator: false };
}

function needsCanary({ rollout, target, state }: TurnsInput): boolean {
  return rollout === 'canary' && state.promoted !== target && state.settled !== target;
}

/** In the order of the units' numbers, so that operators know which comes next. */
function nextUnit(input: TurnsInput): UnitReport | undefined {
  const { target, units, state } = input;
  const canary = needsCanary(input);
  if (canary && units.some((each) => each.serves === target)) return undefined;
  const first = units.find((each) => each.unit === state.canary?.unit && state.canary.release === target);
  return units
    .filter((each) => waits(each, target) && each.ready === target)
    .filter((each) => !canary || first === undefined || each === first)
    .sort((a, b) => numberOf(a.unit) - numberOf(b.unit))[0];
}

/** A unit that serves nothing yet needs no turn: it has nothing to keep serving. */
function waits(report: UnitReport, target: ReleaseId): boolean {
  return report.serves !== undefined && report.serves !== target;
}

function numberOf(unit: string): number {
  return Number(unit.slice(unit.lastIndexOf('/') + 1));
}
