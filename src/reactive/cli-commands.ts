import { anyFileChanged } from './changes.ts';
import { invokedKey } from './holds.ts';
import type { Live } from './live.ts';
import { fits } from './patterns.ts';
import { shellWords } from './shell-words.ts';
import type { Data, Flag, Flags, HandlerApi } from './types.ts';

/** What a command of `charms.reactive` works on. */
export interface CommandContext {
  readonly flags: Flags;
  readonly data: Data;
  readonly event: HandlerApi['event'];
  /** Undefined outside of a dispatch, where no condition on flags or hooks holds. */
  readonly live: Live | undefined;
  readonly named: Readonly<Record<string, string | undefined>>;
}

/** A test answers with a boolean, a query with what it found. */
type Command = (args: readonly string[], context: CommandContext) => boolean | string | readonly string[] | undefined;

type Test = (args: readonly string[], context: CommandContext) => boolean;

const allSet: Test = (wanted, { flags }) => flags.allSet(...wanted);
const anySet: Test = (wanted, { flags }) => flags.anySet(...wanted);
const inOther =
  (holds: Test): Test =>
  (args, context) =>
    context.live?.phase === 'other' && holds(args, context);
const negated =
  (holds: Test): Test =>
  (args, context) =>
    !holds(args, context);

const whenAll = inOther(allSet);
const whenAny = inOther(anySet);
const whenNone = inOther(negated(anySet));
const whenNotAll = inOther(negated(allSet));
const anyHook: Test = (patterns, { event, live }) =>
  patterns.some((pattern) => fits(pattern, event.name, live?.interfaces));
const hook: Test = (patterns, context) => context.live?.phase === 'hooks' && anyHook(patterns, context);
const fileChanged: Test = (paths, { data }) => anyFileChanged(data, paths);
const onlyOnce: Test = ([id = ''], { data }) => data.get(invokedKey + id) !== true;

/** Conditions on flags, which FlagWatch limits, and the others, that `charms.reactive test` knows. */
const flagTests: Readonly<Record<string, Test>> = {
  when: whenAll,
  when_all: whenAll,
  when_any: whenAny,
  when_not: whenNone,
  when_none: whenNone,
  when_not_all: whenNotAll,
};
const otherTests: Readonly<Record<string, Test>> = { hook, when_file_changed: fileChanged, only_once: onlyOnce };

const setFlag: Command = ([flag], { flags, named }) => {
  flags.set(required(flag), named.value ?? null);
  return undefined;
};
const clearFlag: Command = ([flag], { flags }) => {
  flags.clear(required(flag));
  return undefined;
};
const getFlags: Command = (_, { flags }) => flags.all();

/** By name, with the deprecated names of the original. */
export const commands: Readonly<Record<string, Command>> = {
  ...flagTests,
  ...otherTests,
  any_hook: anyHook,
  set_flag: setFlag,
  set_state: setFlag,
  clear_flag: clearFlag,
  remove_state: clearFlag,
  toggle_flag: ([flag, should = ''], { flags }) => {
    flags.toggle(required(flag), !['', '0', 'false', 'no'].includes(should.toLowerCase()));
    return undefined;
  },
  register_trigger: (_, { flags, named }) => {
    const { when, when_not: whenNot, set_flag: setsFlag, clear_flag: clearsFlag } = named;
    flags.registerTrigger({
      when,
      whenNot,
      setFlag: setsFlag,
      clearFlag: clearsFlag,
    });
    return undefined;
  },
  is_flag_set: anySet,
  is_state: anySet,
  all_flags_set: allSet,
  all_states: allSet,
  any_flags_set: anySet,
  any_states: anySet,
  get_flags: getFlags,
  get_states: getFlags,
  get_unset_flags: (wanted, { flags }) => [...new Set(wanted)].filter((flag) => !flags.isSet(flag)).sort(),
  mark_invoked: (ids, { data }) => {
    for (const id of ids) data.set(invokedKey + id, true);
    return undefined;
  },
  test: (specs, context) =>
    specs
      .map((spec) => testSpec(spec, context))
      .filter((name) => name !== undefined)
      .join(','),
};

/** `NAME ID [TEST 'ARGUMENTS']...`: the name when all tests hold. All are made, as those of files leave a trace. */
function testSpec(spec: string, context: CommandContext): string | undefined {
  const [name = '', id = '', ...tests] = shellWords(spec);
  const watched: Flag[] = [];
  let passed = true;
  for (let i = 0; i + 1 < tests.length; i += 2) {
    const kind = tests[i] ?? '';
    const args = kind === 'only_once' ? [id] : shellWords(tests[i + 1] ?? '');
    const test = flagTests[kind] ?? otherTests[kind];
    if (test === undefined) throw new Error(`invalid test "${kind}"`);
    if (kind in flagTests) watched.push(...args);
    if (!test(args, context)) passed = false;
  }
  return passed && mayRun(watched, context.live) ? name : undefined;
}

/** FlagWatch, for handlers that are functions of one program. */
function mayRun(watched: readonly Flag[], live: Live | undefined): boolean {
  if (watched.length === 0 || live === undefined || live.iteration === 0) return true;
  return watched.some((flag) => live.changes.includes(flag));
}

function required(flag: string | undefined): Flag {
  if (flag === undefined) throw new Error('which flag?');
  return flag;
}
