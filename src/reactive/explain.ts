import type { Phase } from './holds.ts';
import type { Condition, Flag, Flags } from './types.ts';

/** Why a condition does not hold, as the end of a sentence: `wsgi.ready is not set`. */
export function explain(condition: Condition, phase: Phase, flags: Flags): string {
  const set = (flag: Flag) => flags.isSet(flag);
  const unset = (flag: Flag) => !flags.isSet(flag);
  switch (condition.kind) {
    case 'when':
      return phase === 'other' ? say(condition.flags.filter(unset), 'not set') : later(phase);
    case 'whenAny':
      return phase === 'other' ? `none of ${condition.flags.join(', ')} is set` : later(phase);
    case 'whenNot':
      return phase === 'other' ? say(condition.flags.filter(set), 'set') : later(phase);
    case 'whenNotAll':
      return phase === 'other' ? `all of ${condition.flags.join(', ')} are set` : later(phase);
    case 'hook':
    case 'action':
      if (phase === 'hooks') return `this is no ${condition.kind} ${condition.patterns.join(' or ')}`;
      return phase === 'other'
        ? `${condition.kind} handlers had their turn before`
        : `${condition.kind} handlers do not count in a restricted hook`;
    case 'restricted':
      return `it is for the hook ${condition.hook}`;
    case 'fileChanged':
      return `${condition.paths.join(', ')} did not change`;
    case 'dataChanged':
      return `${condition.key} did not change`;
    case 'once':
      return 'it has run once';
    case 'notUnless':
      return 'it may always run';
    case 'predicate':
      return `${condition.name} is not so`;
  }
}

function say(flags: readonly Flag[], state: string): string {
  return `${flags.join(', ')} ${flags.length > 1 ? 'are' : 'is'} ${state}`;
}

function later(phase: Phase): string {
  return phase === 'restricted' ? 'flags do not count in a restricted hook' : 'flags count after the hook handlers';
}

/** One line for a condition: `whenNot wsgi.active`, `hook *-relation-broken`. */
export function describe(condition: Condition): string {
  switch (condition.kind) {
    case 'hook':
    case 'action':
      return `${condition.kind} ${condition.patterns.join(', ')}`;
    case 'restricted':
      return `hook ${condition.hook}`;
    case 'fileChanged':
      return `fileChanged ${condition.paths.join(', ')}`;
    case 'dataChanged':
      return `dataChanged ${condition.key}`;
    case 'once':
      return 'onlyOnce';
    case 'predicate':
      return `predicate ${condition.name}`;
    default:
      return `${condition.kind} ${condition.flags.join(', ')}`;
  }
}
