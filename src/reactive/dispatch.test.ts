import { describe, expect, test } from 'vitest';
import { handler, hook, onlyOnce, predicate, when, whenNot } from './conditions.ts';
import { runHook } from './hook-context.fixture.ts';
import { MemoryStore } from './store.ts';
import { Trace } from './trace.ts';
import type { Condition, Flags } from './types.ts';

/** Handlers that note that they ran, and do to the flags what they are told. */
function programme() {
  const ran: string[] = [];
  const noting = (name: string, conditions: Condition[], run: (flags: Flags) => void = () => {}) =>
    handler(name, conditions, ({ flags }) => {
      ran.push(name);
      run(flags);
    });
  return { ran, noting };
}

describe('dispatch', () => {
  test('hook handlers run before all that look at flags, whatever the order of registration', async () => {
    const { ran, noting } = programme();
    await runHook([noting('flags', [whenNot('a')]), noting('hooks', [hook('update-*')])]);
    expect(ran).toEqual(['hooks', 'flags']);
  });

  test('a flag set now matches in the next iteration', async () => {
    const { ran, noting } = programme();
    await runHook([
      noting('third', [when('b')]),
      noting('second', [when('a')], (flags) => flags.set('b')),
      noting('first', [whenNot('a')], (flags) => flags.set('a')),
      noting('also first', [whenNot('z')]),
    ]);
    expect(ran).toEqual(['first', 'also first', 'second', 'third']);
  });

  test('a handler whose flag was cleared before its turn does not run', async () => {
    const { ran, noting } = programme();
    const store = new MemoryStore({ flags: [['job', null]] });
    await runHook([noting('first', [when('job')], (flags) => flags.clear('job')), noting('second', [when('job')])], {
      store,
    });
    expect(ran).toEqual(['first']);
  });

  test('clearing a flag that was not set has the waiting handlers tested again', async () => {
    const { ran, noting } = programme();
    await runHook([
      noting('first', [whenNot('blocker')], (flags) => {
        flags.set('blocker');
        flags.clear('never set');
      }),
      noting('second', [whenNot('blocker')]),
    ]);
    expect(ran).toEqual(['first']);
  });

  test('what a test itself clears counts for those tested before it, once they are tested again', async () => {
    const { ran, noting } = programme();
    const store = new MemoryStore({ flags: [['job', null]] });
    const meddling = predicate('meddling', ({ flags }) => {
      flags.clear('job');
      return !ran.includes('meddler');
    });
    await runHook(
      [
        noting('first', [whenNot('x')], (flags) => flags.clear('never set')),
        noting('second', [when('job')]),
        noting('meddler', [whenNot('x'), meddling]),
      ],
      { store },
    );
    expect(ran).toEqual(['first', 'meddler']);
  });

  test('setting alone does not take a waiting handler its turn', async () => {
    const { ran, noting } = programme();
    await runHook([
      noting('first', [whenNot('blocker')], (flags) => flags.set('blocker')),
      noting('second', [whenNot('blocker')]),
    ]);
    expect(ran).toEqual(['first', 'second']);
  });

  test('a handler runs once a hook while none of its flags changes', async () => {
    const { ran, noting } = programme();
    await runHook([noting('a', [whenNot('x')], (flags) => flags.set('other')), noting('b', [when('other')])]);
    expect(ran).toEqual(['a', 'b']);
  });

  test('handlers that keep each other going end after 100 iterations, and the log says who', async () => {
    const { ran, noting } = programme();
    const { context } = await runHook([
      noting('on', [whenNot('a')], (flags) => flags.set('a')),
      noting('off', [when('a')], (flags) => flags.clear('a')),
    ]);
    expect(ran).toHaveLength(100);
    expect(context.logged).toEqual([
      'WARNING handlers may still match after 100 iterations; left to the next hook: on, off',
    ]);
  });

  test('a handler with no flags is not limited by what changed', async () => {
    const { ran, noting } = programme();
    let left = 3;
    await runHook([noting('countdown', [predicate('left', () => left > 0)], () => left--)]);
    expect(ran).toEqual(['countdown', 'countdown', 'countdown']);
  });

  test('what a handler throws comes out, and nothing of the hook is kept', async () => {
    const store = new MemoryStore({ flags: [['kept', null]] });
    const failing = handler('fails', [when('kept')], async () => {
      await Promise.resolve();
      throw new Error('no such thing');
    });
    await expect(runHook([failing], { store })).rejects.toThrow('no such thing');
  });

  test('onlyOnce runs in one hook of the unit', async () => {
    const { ran, noting } = programme();
    const { store } = await runHook([noting('once', [onlyOnce()])]);
    await runHook([noting('once', [onlyOnce()])], { store });
    expect(ran).toEqual(['once']);
  });

  test('asynchronous handlers are awaited one by one', async () => {
    const steps: string[] = [];
    const slow = (name: string) =>
      handler(name, [whenNot('x')], async () => {
        steps.push(`${name} begins`);
        await Promise.resolve();
        steps.push(`${name} ends`);
      });
    await runHook([slow('a'), slow('b')]);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test.each([
    ['none matches', (name: string) => handler(name, [whenNot('on')], () => {})],
    ['each sets a flag', (name: string) => handler(name, [when('on')], ({ flags }) => void flags.set(name))],
    ['each clears its flag', (name: string) => handler(name, [when(name)], ({ flags }) => void flags.clear(name))],
  ])('twice the handlers cost twice the tests: %s', async (_, made) => {
    const tests = async (size: number) => {
      const names = Array.from({ length: size }, (_, number) => `h${number}`);
      const store = new MemoryStore({ flags: ['on', ...names].map((flag) => [flag, null]) });
      const trace = new Trace();
      await runHook(names.map(made), { store, trace });
      return trace.entries.filter(({ what }) => what === 'passed over' || what === 'ran').length;
    };
    expect(await tests(400)).toBeLessThanOrEqual(2 * (await tests(200)));
  });
});
