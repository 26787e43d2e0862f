import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideTurns,
  type FleetState,
  halt,
  holdsTurn,
  NEW_FLEET,
  promote,
  type Rollout,
  type UnitReport,
} from './turns.ts';

/** A fleet whose events come in any order, late, repeated or never; what Juju keeps is kept, what a killed hook did is lost. */
class Fleet {
  readonly units = new Map<string, { report: UnitReport; view: FleetState; wants: string; busy: boolean }>();
  state: FleetState = NEW_FLEET;
  release = 'a';
  broken: 'trial' | 'hand-over' | undefined;
  leader = '';
  #next = 0;

  readonly rollout: Rollout;

  constructor(rollout: Rollout) {
    this.rollout = rollout;
    for (let count = 0; count < 3; count += 1) this.add();
  }

  add(): void {
    const unit = `wsgi/${this.#next}`;
    this.#next += 1;
    // A new unit has nothing to keep serving.
    const report = { unit, serves: this.release, ready: undefined, failed: undefined, done: 0 };
    this.units.set(unit, { report, view: this.state, wants: this.release, busy: false });
    if (this.leader === '') this.leader = unit;
  }

  remove(unit: string): void {
    this.units.delete(unit);
    if (unit === this.leader) this.leader = [...this.units.keys()].at(-1) ?? '';
  }

  /** A hook begins: what it knows of the fleet and of the options is what they are now, however long it takes. */
  begin(unit: string): void {
    const known = this.units.get(unit);
    if (known === undefined || known.busy) return;
    Object.assign(known, { view: this.state, wants: this.release, busy: true });
  }

  end(unit: string, { killed = false } = {}): void {
    const known = this.units.get(unit);
    if (known === undefined || !known.busy) return;
    if (!killed) known.report = this.#step(known.report, known.view, known.wants);
    known.busy = false;
  }

  hook(unit: string): void {
    this.begin(unit);
    this.end(unit);
  }

  #step(report: UnitReport, view: FleetState, wants: string): UnitReport {
    const done = view.turn?.unit === report.unit && view.turn.release !== wants ? view.turn.number : report.done;
    if (report.serves === wants) {
      return {
        ...report,
        ready: undefined,
        failed: undefined,
        done: view.turn?.unit === report.unit ? view.turn.number : done,
      };
    }
    const fail = (at: number) => ({
      ...report,
      ready: undefined,
      failed: { release: wants, reason: 'it does not start', attempt: view.attempt, at: 'hand-over' as const },
      done: at,
    });
    if (this.broken === 'trial') return fail(done);
    const given =
      report.failed?.release === wants && report.failed.attempt >= view.attempt && this.broken !== undefined;
    if (given) return { ...report, done };
    if (!holdsTurn(view, report, wants)) return { ...report, ready: wants, failed: undefined, done };
    const turn = view.turn?.number ?? 0;
    if (this.broken === 'hand-over') return fail(turn);
    return { ...report, serves: wants, ready: undefined, failed: undefined, done: turn };
  }

  lead(): void {
    if (this.leader === '') return;
    this.state = decideTurns(this.#input());
  }

  #input() {
    const units = [...this.units.values()].map((each) => each.report);
    return { rollout: this.rollout, target: this.release, units, state: this.state };
  }

  /** Units whose hook hands over now. */
  acting(): string[] {
    return [...this.units.values()]
      .filter(({ report, view, wants, busy }) => busy && report.serves !== wants && holdsTurn(view, report, wants))
      .map(({ report }) => report.unit);
  }
}

const unit = fc.nat(3).map((number) => `wsgi/${number}`);
const event = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constantFrom('begin' as const, 'hook' as const), unit }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('end' as const), unit, killed: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('lead' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('release' as const), release: fc.constantFrom('a', 'b', 'c') }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('break' as const),
      at: fc.constantFrom('trial' as const, 'hand-over' as const, undefined),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('add' as const, 'promote' as const, 'halt' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('remove' as const, 'elect' as const), unit }) },
);
const rollout = fc.constantFrom<Rollout>('one-by-one', 'canary');

type Event = typeof event extends fc.Arbitrary<infer Value> ? Value : never;

function play(fleet: Fleet, step: Event): void {
  switch (step.kind) {
    case 'hook':
      fleet.hook(step.unit);
      return;
    case 'begin':
      fleet.begin(step.unit);
      return;
    case 'end':
      fleet.end(step.unit, step);
      return;
    case 'lead':
      fleet.lead();
      return;
    case 'release':
      fleet.release = step.release;
      return;
    case 'break':
      fleet.broken = step.at;
      return;
    case 'add':
      fleet.add();
      return;
    case 'promote':
      fleet.state = promote(fleet.state, fleet.release);
      return;
    case 'halt':
      fleet.state = halt(fleet.state, fleet.release, fleet.leader);
      return;
    case 'remove':
      if (fleet.units.size > 1) fleet.remove(step.unit);
      return;
    case 'elect':
      if (fleet.units.has(step.unit)) fleet.leader = step.unit;
  }
}

test('two units never hold a turn at once, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(rollout, fc.array(event, { maxLength: 120, size: 'max' }), (kind, steps) => {
      const fleet = new Fleet(kind);
      for (const step of steps) {
        play(fleet, step);
        expect(fleet.acting().length).toBeLessThanOrEqual(1);
      }
    }),
    { numRuns: 500 },
  );
});

test('no unit is given a turn for a release that is halted', () => {
  fc.assert(
    fc.property(rollout, fc.array(event, { maxLength: 120, size: 'max' }), (kind, steps) => {
      const fleet = new Fleet(kind);
      for (const step of steps) {
        const before = fleet.state;
        play(fleet, step);
        if (fleet.state.halted !== undefined) expect(fleet.state.granted).toBe(before.granted);
      }
    }),
    { numRuns: 500 },
  );
});

test('every unit ends on the same release once the fault is gone', () => {
  fc.assert(
    fc.property(rollout, fc.array(event, { maxLength: 120, size: 'max' }), (kind, steps) => {
      const fleet = new Fleet(kind);
      for (const step of steps) play(fleet, step);
      for (const name of fleet.units.keys()) fleet.end(name);
      fleet.broken = undefined;
      fleet.state = promote(fleet.state, fleet.release);
      for (let round = 0; round < 2 * fleet.units.size + 2; round += 1) {
        for (const name of fleet.units.keys()) fleet.hook(name);
        fleet.lead();
      }
      for (const { report } of fleet.units.values()) expect(report.serves).toBe(fleet.release);
      expect(fleet.state.halted).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test('a canary waits for promote-release: one unit moves, and the rest stay', () => {
  const fleet = new Fleet('canary');
  fleet.release = 'b';
  for (let round = 0; round < 10; round += 1) {
    for (const name of fleet.units.keys()) fleet.hook(name);
    fleet.lead();
  }
  expect([...fleet.units.values()].map(({ report }) => report.serves)).toEqual(['b', 'a', 'a']);
  expect(fleet.state.turn).toBeUndefined();
});

test('the first failure halts the release: no other unit moves', () => {
  const fleet = new Fleet('one-by-one');
  fleet.release = 'b';
  fleet.broken = 'hand-over';
  for (let round = 0; round < 10; round += 1) {
    for (const name of fleet.units.keys()) fleet.hook(name);
    fleet.lead();
  }
  expect(fleet.state.halted).toMatchObject({ release: 'b', unit: 'wsgi/0' });
  expect(fleet.state.granted).toBe(1);
});

test('a turn is not given on while its unit hands over, even to another release', () => {
  const fleet = new Fleet('one-by-one');
  fleet.release = 'b';
  fleet.hook('wsgi/0');
  fleet.lead();
  fleet.begin('wsgi/0');
  fleet.release = 'c';
  fleet.hook('wsgi/1');
  fleet.lead();
  fleet.begin('wsgi/1');
  expect(fleet.acting()).toEqual(['wsgi/0']);
});
