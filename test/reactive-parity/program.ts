/** Random handler programs, as data that charms.reactive and the engine can both run. */
import fc from 'fast-check';
import type { Config, HookEvent } from '../../src/juju/types.ts';
import type { Json, Trigger } from '../../src/reactive/index.ts';

export type ProgramCondition =
  | { readonly kind: 'when' | 'whenAny' | 'whenNot' | 'whenNotAll' | 'notUnless'; readonly flags: readonly string[] }
  | { readonly kind: 'hook'; readonly patterns: readonly string[] }
  | { readonly kind: 'restricted'; readonly hook: 'collect-metrics' | 'meter-status-changed' }
  | { readonly kind: 'fileChanged'; readonly files: readonly number[] }
  | { readonly kind: 'once' }
  | { readonly kind: 'ranFewerThan'; readonly times: number }
  | { readonly kind: 'flagIsSet'; readonly flag: string }
  /** Sets or clears a flag at each test, and holds until the handler has run. */
  | { readonly kind: 'meddles'; readonly flag: string; readonly sets: boolean };

export type ProgramTrigger = Omit<Trigger, 'callback'> & { readonly callback?: string };

/** `ifSet`: only while that flag is set. */
export type Op = { readonly ifSet?: string } & (
  | { readonly op: 'set'; readonly flag: string; readonly value?: Json }
  | { readonly op: 'clear' | 'note'; readonly flag: string }
  | { readonly op: 'toggle'; readonly flag: string; readonly should: boolean }
  | { readonly op: 'trigger'; readonly trigger: ProgramTrigger }
  | { readonly op: 'write'; readonly file: number; readonly content: string | null }
  /** In the first attempt of a hook; Juju then runs it again. */
  | { readonly op: 'fail' }
);

export interface ProgramHandler {
  readonly conditions: readonly ProgramCondition[];
  readonly ops: readonly Op[];
}

/** An event, and the world in it. */
export interface ProgramHook {
  readonly name: string;
  readonly kind: 'hook' | 'action';
  readonly relation?: NonNullable<HookEvent['relation']>;
  readonly config: Config;
  readonly relations: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, string>>>>>>;
}

export interface Program {
  readonly defaults: Config;
  readonly handlers: readonly ProgramHandler[];
  readonly triggers: readonly ProgramTrigger[];
  readonly hooks: readonly ProgramHook[];
}

/** What one attempt of a hook did. */
export interface Outcome {
  readonly failed: boolean;
  /** Names of handlers in the order of their invocation, among callbacks of triggers, warnings and noted values. */
  readonly happened: readonly string[];
  /** With their values, after it. */
  readonly flags: Readonly<Record<string, Json>>;
}

/** `null` for what is left out is how JSON has an unset option. */
const defaults: Config = { port: 80, motd: '', key: undefined };

// So few that handlers get in each other's way.
const own = fc.constantFrom('a', 'b', 'c', 'd');
const managed = fc.constantFrom(
  'config.changed',
  'config.changed.port',
  'config.set.motd',
  'config.default.port',
  'config.default.key',
  'endpoint.db.joined',
  'endpoint.db.changed',
  'endpoint.db.changed.host',
  'endpoint.db.departed',
  'endpoint.cache.joined',
  'upgrade.series.in-progress',
);
const flag = fc.oneof({ weight: 5, arbitrary: own }, { weight: 1, arbitrary: managed });

// Few flags, and often their absence: most handlers should find something to do.
const flagCondition = fc.record({
  kind: fc.constantFrom('when', 'whenAny', 'whenAny', 'whenNot', 'whenNotAll', 'whenNotAll'),
  flags: fc.array(flag, { maxLength: 3, minLength: 1 }),
});

const condition: fc.Arbitrary<ProgramCondition> = fc.oneof(
  { weight: 10, arbitrary: flagCondition },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('notUnless'), flags: fc.array(own, { minLength: 1 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hook'),
      patterns: fc.subarray(
        [
          'config-changed',
          '{install,update-status}',
          '{db,cache}-relation-{joined,changed}',
          '{requires:db}-relation-departed',
        ],
        { minLength: 1 },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restricted'),
      hook: fc.constantFrom('collect-metrics', 'meter-status-changed'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('fileChanged'), files: fc.subarray([0, 1], { minLength: 1 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('once') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('ranFewerThan'), times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('flagIsSet'), flag }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('meddles'), flag: own, sets: fc.boolean() }) },
);

const trigger: fc.Arbitrary<ProgramTrigger> = fc
  .tuple(
    fc.oneof(fc.record({ when: flag }), fc.record({ whenNot: flag })),
    fc.oneof(
      fc.record({ setFlag: own }),
      fc.record({ clearFlag: own }),
      fc.record({ callback: fc.constantFrom('x', 'y') }),
      fc.record({ setFlag: own, clearFlag: own, callback: fc.constant('z') }),
    ),
  )
  .map(([cause, effect]) => ({ ...cause, ...effect }));

const value: fc.Arbitrary<Json> = fc.constantFrom<Json>(0, 'text', true, null, [1, 'ü'], { key: { deep: 1.5 } });

const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ op: fc.constant('set'), flag, value }, { requiredKeys: ['op', 'flag'] }) },
  { weight: 8, arbitrary: fc.record({ op: fc.constant('clear'), flag }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('toggle'), flag, should: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('note'), flag }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('trigger'), trigger }) },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constant('write'),
      file: fc.constantFrom(0, 1),
      content: fc.constantFrom('one', 'two', null),
    }),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('fail') }) },
);

const guardedOp: fc.Arbitrary<Op> = fc
  .tuple(op, fc.option(own, { nil: undefined, freq: 4 }))
  .map(([what, ifSet]) => (ifSet === undefined ? what : { ...what, ifSet }));

const handler: fc.Arbitrary<ProgramHandler> = fc.record({
  conditions: fc
    .oneof(
      { weight: 2, arbitrary: fc.array(condition, { minLength: 1, maxLength: 1 }) },
      { weight: 1, arbitrary: fc.array(condition, { minLength: 2, maxLength: 3 }) },
    )
    .filter(registers),
  ops: fc.array(guardedOp, { minLength: 1, maxLength: 4 }),
});

/** A function that only not_unless decorates is no handler in charms.reactive. */
function registers(conditions: readonly ProgramCondition[]): boolean {
  return conditions.some(({ kind }) => kind !== 'notUnless');
}

const plainHook = fc.record({
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('install', 'config-changed', 'update-status', 'start', 'upgrade-charm') },
    { weight: 1, arbitrary: fc.constantFrom('collect-metrics', 'meter-status-changed') },
    { weight: 1, arbitrary: fc.constantFrom('pre-series-upgrade', 'post-series-upgrade') },
    { weight: 1, arbitrary: fc.constant('action') },
  ),
});
/** Which of the events that a relation can have next. */
const relationHook = fc.record({
  endpoint: fc.constantFrom('db', 'cache'),
  pick: fc.nat(),
  host: fc.constantFrom('h1', 'h2'),
});

const config = fc.record(
  { port: fc.constantFrom(0, 80, 8080), motd: fc.constantFrom('', 'hello'), key: fc.constant('k') },
  { requiredKeys: ['port', 'motd'] },
);

type RawHook = {
  readonly config: Config;
  readonly event: { name: string } | { endpoint: string; pick: number; host: string };
};

/** Folds choices into events that a Juju could send one after another. */
function unfold(raw: readonly RawHook[]): ProgramHook[] {
  type Units = Record<string, Record<string, string>>;
  const relations: Record<string, Units> = {};
  let serial = 0;
  return raw.map(({ config: options, event }) => {
    const world = (): Pick<ProgramHook, 'config' | 'relations'> => structuredClone({ config: options, relations });
    if ('name' in event) {
      const kind = event.name === 'action' ? 'action' : 'hook';
      return { name: event.name, kind, ...world() };
    }
    const { endpoint, pick, host } = event;
    const id = Object.keys(relations).find((known) => known.startsWith(`${endpoint}:`)) ?? `${endpoint}:${serial++}`;
    const units = relations[id];
    const made = (step: NonNullable<HookEvent['relation']>['step'], remoteUnit?: string): ProgramHook => ({
      name: `${endpoint}-relation-${step}`,
      kind: 'hook',
      relation: { endpoint, id, remoteApp: 'pg', remoteUnit, departingUnit: undefined, step },
      ...world(),
    });
    if (units === undefined) {
      relations[id] = {};
      return made('created');
    }
    const present = Object.keys(units);
    const unit = present[pick % Math.max(present.length, 1)];
    const choice = pick % 4;
    if (unit === undefined && choice === 3) {
      const broken = made('broken');
      delete relations[id];
      return broken;
    }
    if (unit === undefined || choice === 0) {
      const fresh = `pg/${serial++}`;
      units[fresh] = { host };
      return made('joined', fresh);
    }
    if (choice === 3) {
      delete units[unit];
      return made('departed', unit);
    }
    units[unit] = choice === 1 ? { host } : { host, port: String(pick % 3) };
    return made('changed', unit);
  });
}

/** A program: up to eight handlers, four triggers, and three to six hooks on one store. */
export const program: fc.Arbitrary<Program> = fc.record({
  defaults: fc.constant(defaults),
  handlers: fc.array(handler, { minLength: 2, maxLength: 8 }),
  triggers: fc.array(trigger, { maxLength: 4 }),
  hooks: fc
    .array(
      fc.record({
        config,
        event: fc.oneof({ weight: 2, arbitrary: plainHook }, { weight: 1, arbitrary: relationHook }),
      }),
      { minLength: 3, maxLength: 6 },
    )
    .map(unfold),
});
