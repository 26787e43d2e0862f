/** The peer relation `fleet`: what units report, and what the leader answers, in databags. */
import * as z from 'zod/mini';
import type { Databag, HookContext, RelationId } from '../../juju/types.ts';
import type { FleetState, UnitReport } from './turns.ts';

/** The endpoint of the peer relation. */
export const FLEET = 'fleet';

const failure = z.object({
  release: z.string(),
  reason: z.string(),
  attempt: z.number(),
  at: z.enum(['preparation', 'hand-over']),
});
const turn = z.object({ unit: z.string(), release: z.string(), number: z.number() });
const canary = z.object({ unit: z.string(), release: z.string() });
const halt = z.object({ release: z.string(), unit: z.string(), reason: z.string(), byOperator: z.boolean() });

/** {@link FleetState}, and the release for which the leader has run provision_command. */
export interface LeaderState extends FleetState {
  readonly provisioned: string | undefined;
  /** The release that the leader decided about last. */
  readonly target: string | undefined;
}

/** The fleet as this hook finds it. */
export interface Fleet {
  readonly id: RelationId;
  readonly own: UnitReport;
  readonly state: LeaderState;
  /** Reports of all units that are there, this one included; asks for as many databags as there are units. */
  readonly reports: () => readonly UnitReport[];
}

/** Undefined for a charm that was deployed before it had the relation. */
export function readFleet(juju: HookContext): Fleet | undefined {
  const [id] = juju.relationIds(FLEET);
  if (id === undefined) return undefined;
  const { unit, application } = juju.unit;
  const report = (name: string): UnitReport => ({ unit: name, ...readUnit(juju.relationGet(id, name)) });
  return {
    id,
    own: report(unit),
    state: readState(juju.relationGet(id, application)),
    reports: () => [unit, ...juju.relationUnits(id).filter((name) => name !== unit)].map(report),
  };
}

export function writeReport(juju: HookContext, { id }: Fleet, report: UnitReport): void {
  juju.relationSet(id, {
    serves: report.serves ?? '',
    ready: report.ready ?? '',
    failed: report.failed === undefined ? '' : JSON.stringify(report.failed),
    done: report.done === 0 ? '' : JSON.stringify(report.done),
  });
}

/** Only the leader's is kept. */
export function writeState(juju: HookContext, { id }: Fleet, state: LeaderState): void {
  juju.relationSet(
    id,
    {
      turn: state.turn === undefined ? '' : JSON.stringify(state.turn),
      granted: state.granted === 0 ? '' : JSON.stringify(state.granted),
      halted: state.halted === undefined ? '' : JSON.stringify(state.halted),
      promoted: state.promoted ?? '',
      settled: state.settled ?? '',
      canary: state.canary === undefined ? '' : JSON.stringify(state.canary),
      attempt: state.attempt === 0 ? '' : JSON.stringify(state.attempt),
      provisioned: state.provisioned ?? '',
      target: state.target ?? '',
    },
    { app: true },
  );
}

function readUnit({ serves, ready, failed, done }: Databag): Omit<UnitReport, 'unit'> {
  return { serves, ready, failed: parsed(failed, failure), done: parsed(done, z.number()) ?? 0 };
}

function readState(bag: Databag): LeaderState {
  return {
    turn: parsed(bag.turn, turn),
    granted: parsed(bag.granted, z.number()) ?? 0,
    halted: parsed(bag.halted, halt),
    promoted: bag.promoted,
    settled: bag.settled,
    canary: parsed(bag.canary, canary),
    attempt: parsed(bag.attempt, z.number()) ?? 0,
    provisioned: bag.provisioned,
    target: bag.target,
  };
}

/** Undefined where the key is absent, and where another revision of the charm wrote something else. */
function parsed<Schema extends z.ZodMiniType>(text: string | undefined, schema: Schema): z.output<Schema> | undefined {
  if (text === undefined) return undefined;
  try {
    const result = z.safeParse(schema, JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
