import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RememberingContext } from './context.ts';
import type { Databag } from './types.ts';
import { type Fate, UNIT, Uniter } from './uniter.fixture.ts';

const ENDPOINTS = ['website', 'db'];

/** All that a charm can read of its relations. */
function readAll(context: RememberingContext) {
  return ENDPOINTS.flatMap((endpoint) => context.relationIds(endpoint)).map((id) => ({
    id,
    app: context.relationApp(id),
    units: [...context.relationUnits(id)].sort(),
    bags: bagsOf(context, id),
  }));
}

function bagsOf(context: RememberingContext, id: string): Record<string, Databag> {
  const entities = [...context.relationUnits(id), context.relationApp(id), UNIT].filter((name) => name !== undefined);
  return Object.fromEntries(entities.map((entity) => [entity, context.relationGet(id, entity)]));
}

/** What is wrong in what a charm reads: not as it is, though no event that would say so is still to come. */
function staleness(uniter: Uniter, context: RememberingContext): string[] {
  const read = readAll(context);
  const ids = new Set(read.map(({ id }) => id));
  const known = [...ids, ...uniter.relations.keys()];
  const relations = known.filter((id) => ids.has(id) !== uniter.relations.has(id) && !uniter.isPending(id));
  const within = read.flatMap(({ id, units, bags }) => {
    const remote = uniter.relations.get(id);
    if (remote === undefined) return [];
    const members = [...remote.members].sort();
    const wrong = JSON.stringify(units) === JSON.stringify(members) ? [] : [`units of ${id}: ${units}, not ${members}`];
    const stale = Object.entries(bags).filter(([entity, bag]) => {
      const same = isSame(bag, remote.bags.get(entity) ?? {});
      return !same && !uniter.isPending(id, entity);
    });
    return [...wrong, ...stale.map(([entity]) => `databag of ${entity} in ${id}`)];
  });
  return [...relations.map((id) => `relation ${id}`), ...within];
}

function isSame(a: Databag, b: Databag): boolean {
  const sorted = (bag: Databag) => JSON.stringify(Object.entries(bag).sort());
  return sorted(a) === sorted(b);
}

type Step =
  | { readonly what: 'relate' | 'unrelate' | 'join' | 'leave'; readonly at: number }
  | { readonly what: 'write'; readonly at: number; readonly value: string; readonly app: boolean }
  | {
      readonly what: 'hook';
      readonly name: string | undefined;
      readonly fate: Fate;
      readonly writes: string;
      readonly pick: number;
    };

const at = fc.nat(5);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: fc.constantFrom('relate', 'unrelate', 'join', 'join', 'leave'), at }) },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('write'), at, value: fc.string({ minLength: 1 }), app: fc.boolean() }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      what: fc.constant('hook'),
      name: fc.constantFrom(undefined, undefined, undefined, 'update-status', 'config-changed', 'start', 'action'),
      fate: fc.constantFrom<Fate>('ok', 'ok', 'ok', 'failed', 'lost', 'dropped'),
      writes: fc.constantFrom('', '', 'a', 'b'),
      pick: fc.nat(20),
    }),
  },
);

/** Runs the steps; `check` is called within each hook. */
function play(uniter: Uniter, steps: readonly Step[], check: (context: RememberingContext) => void): void {
  const relation = (index: number) => [...uniter.relations.keys()][index % Math.max(uniter.relations.size, 1)];
  let units = 0;
  for (const each of steps) {
    if (each.what === 'hook') {
      // Juju runs update-status when it has nothing else to tell.
      if (each.name === 'update-status' && uniter.queue.length > 0) continue;
      // What is lost after the process has ended is made up for by the same event, so it is not also dropped.
      uniter.hook(
        each.name,
        each.fate,
        (context) => {
          check(context);
          for (const id of context.relationIds('website')) {
            if (each.writes !== '') context.relationSet(id, { port: each.writes });
          }
          if (each.writes !== '') context.openPort(`${each.writes === 'a' ? 80 : 81}/tcp`);
          if (each.writes !== '') context.setStatus('active', each.writes);
        },
        each.pick,
      );
      for (let tries = 0; each.fate === 'lost' && tries === 0; tries++) uniter.hook(each.name, 'ok', check);
      continue;
    }
    if (each.what === 'relate') {
      uniter.relate(ENDPOINTS[each.at % 2] ?? '', `app${each.at}`);
      continue;
    }
    const id = relation(each.at);
    const remote = id === undefined ? undefined : uniter.relations.get(id);
    if (id === undefined || remote === undefined) continue;
    const unit = [...remote.members][each.at % Math.max(remote.members.size, 1)];
    if (uniter.queue.some((event) => event.id === id && event.step === 'broken')) continue;
    if (each.what === 'unrelate') uniter.unrelate(id);
    if (each.what === 'join') uniter.join(id, `${remote.app}/${units++}`);
    if (each.what === 'leave' && unit !== undefined) uniter.leave(id, unit);
    if (each.what === 'write') uniter.write(id, each.app ? remote.app : (unit ?? remote.app), { key: each.value });
  }
}

describe('what is remembered from hook to hook', () => {
  it('is as old as the events that are still to come, and no older, whatever hooks fail or are dropped', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const uniter = new Uniter();
        play(uniter, steps, (context) => expect(staleness(uniter, context)).toEqual([]));
        while (uniter.queue.length > 0)
          uniter.hook(undefined, 'ok', (context) => expect(staleness(uniter, context)).toEqual([]));
        uniter.hook('config-changed', 'ok', (context) => expect(staleness(uniter, context)).toEqual([]));
      }),
      { numRuns: 100 },
    );
  });

  it('is right about ports and status after hooks that failed', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const uniter = new Uniter();
        play(uniter, steps, (context) => {
          expect([...context.openedPorts()].sort()).toEqual([...uniter.ports].sort());
          const { status, message } = uniter.status;
          expect(context.currentStatus()).toEqual(status === 'unknown' ? undefined : { status, message });
        });
      }),
      { numRuns: 100 },
    );
  });

  it('is asked again one by one, so that even what no event told of is right in the end', () => {
    const uniter = new Uniter();
    const id = uniter.relate('website', 'haproxy');
    for (const unit of ['haproxy/0', 'haproxy/1', 'haproxy/2']) uniter.join(id, unit);
    while (uniter.queue.length > 0) uniter.hook(undefined, 'ok', readAll);
    for (const unit of ['haproxy/0', 'haproxy/1', 'haproxy/2']) uniter.write(id, unit, { key: 'unheard' });
    uniter.queue.length = 0;
    for (let turn = 0; turn < 20; turn++) uniter.hook('update-status', 'ok', readAll, turn);
    uniter.hook('action', 'ok', (context) => expect(staleness(uniter, context)).toEqual([]));
  });

  it.each([1, 10, 100, 200])('costs one hook tool when one of %i units changes', (count) => {
    const uniter = new Uniter();
    const id = uniter.relate('website', 'haproxy');
    for (let unit = 0; unit < count; unit++) uniter.join(id, `haproxy/${unit}`);
    while (uniter.queue.length > 0) {
      uniter.hook(undefined, 'ok', readAll);
      expect(uniter.calls.length).toBeLessThanOrEqual(5);
    }
    uniter.write(id, 'haproxy/0', { key: 'new' });
    uniter.hook(undefined, 'ok', readAll);
    expect(uniter.calls).toEqual(['relation-get -r website:0 - haproxy/0']);
  });

  it('costs one hook tool in an update-status without a change', () => {
    const uniter = new Uniter();
    const id = uniter.relate('website', 'haproxy');
    uniter.join(id, 'haproxy/0');
    const body = (context: RememberingContext) => {
      readAll(context);
      context.network('website');
      context.openPort('80/tcp');
      context.relationSet(id, { port: '80' });
      context.setStatus('active', 'Ready');
    };
    while (uniter.queue.length > 0) uniter.hook(undefined, 'ok', body);
    uniter.hook('config-changed', 'ok', body);
    for (let turn = 0; turn < 10; turn++) {
      uniter.hook('update-status', 'ok', body, turn);
      expect(uniter.calls).toHaveLength(1);
    }
  });
});
