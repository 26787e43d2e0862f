import { noteDataChanged } from './changes.ts';
import { dataKeyOf, holds, invokedKey, type Phase } from './holds.ts';
import type { Interfaces } from './patterns.ts';
import type { Condition, Flag, Handler, HandlerApi } from './types.ts';

/** Whatever dispatch can test and invoke: a handler of the charm, or a program that is one. */
export interface Candidate {
  readonly name: string;
  /** The flags it looks at; with none, FlagWatch never limits it. */
  readonly flags: readonly Flag[];
  /** Its test depends on its flags and the phase only, so it need not be repeated while these stay. */
  readonly pure: boolean;
  /** The first condition that does not hold in this phase, or undefined when it may be invoked. */
  test(phase: Phase): Condition | 'declined' | undefined;
  invoke(): void | Promise<void>;
}

/** A handler over the api that it is given. */
export function candidate<Api extends HandlerApi>(handler: Handler<Api>, api: Api, interfaces?: Interfaces): Candidate {
  const { name, conditions } = handler;
  return {
    name,
    flags: watchedFlags(conditions),
    pure: conditions.every(
      (condition) => 'flags' in condition || 'patterns' in condition || condition.kind === 'restricted',
    ),
    test: (phase) => {
      const moment = { phase, api, handler: name, interfaces };
      return conditions.find((condition) => !holds(condition, moment));
    },
    invoke: () => invoke(handler, api),
  };
}

/** The flags whose change lets a handler run again. */
export function watchedFlags(conditions: readonly Condition[]): Flag[] {
  const flags = conditions.flatMap((condition) =>
    'flags' in condition && condition.kind !== 'notUnless' ? condition.flags : [],
  );
  return flags.length > 1 ? [...new Set(flags)] : flags;
}

async function invoke<Api extends HandlerApi>(handler: Handler<Api>, api: Api): Promise<void> {
  for (const condition of handler.conditions) {
    if (condition.kind === 'notUnless') warnUnless(handler.name, condition.flags, api);
  }
  const seen = handler.conditions.flatMap((condition) =>
    condition.kind === 'dataChanged' ? [{ key: condition.key, value: condition.read(api) }] : [],
  );
  await handler.run(api);
  for (const { key, value } of seen) noteDataChanged(api.data, dataKeyOf(handler.name, key), value);
  if (handler.conditions.some((condition) => condition.kind === 'once')) api.data.set(invokedKey + handler.name, true);
}

function warnUnless(name: string, flags: readonly Flag[], api: HandlerApi): void {
  const missing = flags.filter((flag) => !api.flags.isSet(flag));
  if (missing.length === 0) return;
  api.juju.log('WARNING', `${name} called before flag${missing.length > 1 ? 's' : ''}: ${missing.join(', ')}`);
}
