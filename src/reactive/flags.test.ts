import { describe, expect, test } from 'vitest';
import { ReactiveError } from './errors.ts';
import { LiveFlags } from './flags.ts';

const flagsOf = (...set: string[]) => new LiveFlags(new Map(set.map((flag) => [flag, null])));

describe('flags', () => {
  test('set and clear say whether they changed anything', () => {
    const flags = flagsOf();
    expect([flags.set('a'), flags.set('a'), flags.clear('a'), flags.clear('a')]).toEqual([true, false, true, false]);
  });

  test('setting a set flag changes its value, without a value to none', () => {
    const flags = flagsOf();
    flags.set('a', { n: 1 });
    expect(flags.value('a')).toEqual({ n: 1 });
    flags.set('a');
    expect(flags.value('a')).toBeNull();
    expect(flags.value('b')).toBeUndefined();
  });

  test('all are listed sorted', () => {
    const flags = flagsOf('b', 'a');
    flags.set('c');
    flags.clear('b');
    expect(flags.all()).toEqual(['a', 'c']);
  });

  test('any of none is not set, all of none are', () => {
    const flags = flagsOf();
    expect(flags.anySet()).toBe(false);
    expect(flags.allSet()).toBe(true);
  });
});

describe('triggers', () => {
  test('fire at once, each on its own kind of change, and set each other off', () => {
    const flags = flagsOf('c');
    const calls: string[] = [];
    flags.registerTrigger({ when: 'a', setFlag: 'b', clearFlag: 'c' });
    flags.registerTrigger({ when: 'b', callback: () => calls.push(`b with c ${flags.isSet('c')}`) });
    flags.registerTrigger({ whenNot: 'c', setFlag: 'd' });
    flags.set('a');
    expect(flags.all()).toEqual(['a', 'b', 'd']);
    expect(calls).toEqual(['b with c true']);
  });

  test('do not fire when nothing really changes', () => {
    const flags = flagsOf('a');
    let calls = 0;
    flags.registerTrigger({ when: 'a', callback: () => calls++ });
    flags.registerTrigger({ whenNot: 'b', callback: () => calls++ });
    flags.set('a');
    flags.clear('b');
    expect(calls).toBe(0);
  });

  test('that never end are the charm’s mistake, named', () => {
    const flags = flagsOf();
    flags.registerTrigger({ when: 'a', clearFlag: 'a' });
    flags.registerTrigger({ whenNot: 'a', setFlag: 'a' });
    expect(() => flags.set('a')).toThrow(new ReactiveError('triggers set each other off without end, at flag a'));
  });

  test.each([
    [{ setFlag: 'a' }, 'one of when and whenNot'],
    [{ when: 'a', whenNot: 'b', setFlag: 'c' }, 'one of when and whenNot'],
    [{ when: 'a' }, 'at least one of setFlag, clearFlag and callback'],
  ])('%j is refused', (trigger, sentence) => {
    expect(() => flagsOf().registerTrigger(trigger)).toThrow(sentence);
  });
});
