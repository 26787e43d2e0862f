import { anyFileChanged, isDataChanged } from './changes.ts';
import { fits, type Interfaces } from './patterns.ts';
import type { Condition, Flag, Flags, HandlerApi } from './types.ts';

/** `restricted` replaces the other two in the hooks collect-metrics and meter-status-changed. */
export type Phase = 'restricted' | 'hooks' | 'other';

export const invokedKey = 'reactive.invoked.';

/** What a condition is tested against. */
export interface Moment {
  readonly phase: Phase;
  readonly api: HandlerApi;
  /** Name of the handler, whose own memory `once` and `dataChanged` ask. */
  readonly handler: string;
  readonly interfaces?: Interfaces | undefined;
}

/** Key under which a `dataChanged` condition remembers what its handler last ran with. */
export function dataKeyOf(handler: string, key: string): string {
  return `${handler}.${key}`;
}

/** Whether one condition holds now. Only `fileChanged` leaves a trace: its change counts as seen. */
export function holds(condition: Condition, moment: Moment): boolean {
  const { phase, api } = moment;
  switch (condition.kind) {
    case 'when':
    case 'whenAny':
    case 'whenNot':
    case 'whenNotAll':
      return phase === 'other' && flagsHold(condition.kind, condition.flags, api.flags);
    case 'hook':
    case 'action':
      return (
        phase === 'hooks' &&
        api.event.kind === condition.kind &&
        condition.patterns.some((pattern) => fits(pattern, api.event.name, moment.interfaces))
      );
    case 'restricted':
      return phase === 'restricted' && api.event.name === condition.hook;
    case 'fileChanged':
      return anyFileChanged(api.data, condition.paths);
    case 'dataChanged':
      return isDataChanged(api.data, dataKeyOf(moment.handler, condition.key), condition.read(api));
    case 'once':
      return api.data.get(invokedKey + moment.handler) !== true;
    case 'notUnless':
      return true;
    case 'predicate':
      return condition.test(api);
  }
}

function flagsHold(kind: 'when' | 'whenAny' | 'whenNot' | 'whenNotAll', flags: readonly Flag[], set: Flags): boolean {
  switch (kind) {
    case 'when':
      return flags.every((flag) => set.isSet(flag));
    case 'whenAny':
      return flags.some((flag) => set.isSet(flag));
    case 'whenNot':
      return !flags.some((flag) => set.isSet(flag));
    case 'whenNotAll':
      return !flags.every((flag) => set.isSet(flag));
  }
}
