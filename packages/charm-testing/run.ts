/** State in, one event, state out. */
import { tmpdir } from 'node:os';
import type { ToolRunner } from '../../src/juju/index.ts';
import type { Charm, HookIo } from './charm.ts';
import { checkConsistency } from './consistency.ts';
import { type Event, eventName } from './event.ts';
import { afterHook } from './hook-end.ts';
import { environmentFor, scriptOf } from './hook-environment.ts';
import { type HookWorld, type LogLine, openHookWorld } from './hook-world.ts';
import type { Ran } from './program.ts';
import { freeze, type State } from './state.ts';
import { createTestMachine, type TestMachine } from './test-machine.ts';
import { createWorldFolder, type WorldFolder } from './world-folder.ts';

/** The state after an event, and what happened on the way to it. */
export interface Outcome extends State {
  /** 0, or what made Juju say that the hook failed. */
  readonly exitCode: number;
  /** Programs that were run, in order, without the folder that stands for the machine's root. */
  readonly ran: readonly Ran[];
  /** Command lines of the hook tools that were called. */
  readonly tools: readonly string[];
  /** Lines of juju-log. */
  readonly log: readonly LogLine[];
  /** Lines of standard output, which Juju logs as DEBUG. */
  readonly debug: readonly string[];
  /** What an action gave back; undefined in a hook. */
  readonly action:
    | {
        readonly status: 'completed' | 'failed';
        readonly message: string;
        /** Nested keys are joined by dots. */
        readonly results: Readonly<Record<string, string>>;
        readonly log: readonly string[];
      }
    | undefined;
}

/** The hook failed: it threw, or ended with another code than 0. Juju would run it again. */
export class HookFailedError extends Error {
  override readonly name = 'HookFailedError';
  /** What Juju and the machine are like then: writes of the hook are lost, files and status stay. */
  readonly outcome: Outcome;

  constructor(event: string, outcome: Outcome, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : `it ended with ${outcome.exitCode}`;
    super(`${event} failed: ${reason}`, { cause });
    this.outcome = outcome;
  }
}

export interface RunOptions {
  /** Ends the hook, as by SIGKILL, when it is about to make its n-th call of a hook tool or a program (from 1). */
  readonly killAt?: number;
  /** Hook tools that fail, with what each says: `{ 'status-get': 'ERROR unit not found' }`. */
  readonly failingTools?: Readonly<Record<string, string>>;
  /**
   * `sandbox` runs real programs in a folder that stands for a machine, with units and sockets of its own, in about a
   * second; otherwise a table of usual answers stands for them. Services of the state run when the hook begins.
   */
  readonly machine?: 'sandbox';
}

/**
 * Runs one event through the real code of a charm, in this process.
 *
 * @param event the name of an event that needs no more, or an {@link Event}
 * @throws InconsistentStateError when Juju could not bring about such a state or event
 * @throws HookFailedError when the hook fails
 *
 * @example
 * const after = await run(charm, 'config-changed', state({ config: { port: 8080 } }));
 * expect(after.ports).toEqual(['8080/tcp']);
 * expect(after.status).toEqual({ status: 'active', message: 'Ready' });
 */
export async function run(
  charm: Charm,
  event: string | Event,
  before: State,
  options: RunOptions = {},
): Promise<Outcome> {
  const happening: Event = typeof event === 'string' ? { kind: 'hook', name: event } : event;
  checkConsistency(charm.meta, happening, before);
  return inTurn(before.folder, () => runHook(charm, happening, before, options));
}

/** Runs of states that came of one another share a folder, so each waits for the one before it. */
const turns = new Map<string, Promise<unknown>>();

function inTurn<T>(folder: string, act: () => Promise<T>): Promise<T> {
  const mine = (turns.get(folder) ?? Promise.resolve()).then(act);
  turns.set(
    folder,
    mine.catch(() => {}),
  );
  return mine;
}

async function runHook(charm: Charm, happening: Event, before: State, options: RunOptions): Promise<Outcome> {
  const sandboxed = options.machine === 'sandbox';
  // Programs may not be run from the folder in memory.
  const folder = createWorldFolder(charm, before, sandboxed ? tmpdir() : undefined);
  const kill = killSwitch(options.killAt);
  let machine: TestMachine | undefined;
  try {
    machine = sandboxed
      ? await (await import('./sandbox-machine.ts')).createSandboxMachine(before, folder.path, kill.program)
      : createTestMachine(before, folder.root, kill.program);
    const outcome = await runOn(machine, {
      charm,
      happening,
      before,
      folder,
      kill,
      failing: options.failingTools ?? {},
    });
    await machine.end();
    if (sandboxed) folder.remove();
    else folder.keep(outcome);
    return outcome;
  } catch (error) {
    await machine?.end();
    folder.remove();
    throw error;
  }
}

interface Scene {
  readonly charm: Charm;
  readonly happening: Event;
  readonly before: State;
  readonly folder: WorldFolder;
  readonly kill: KillSwitch;
  readonly failing: Readonly<Record<string, string>>;
}

async function runOn(
  machine: TestMachine,
  { charm, happening, before, folder, kill, failing }: Scene,
): Promise<Outcome> {
  const world = openHookWorld(before, happening, charm.meta, folder.resource);
  const debug: string[] = [];
  const io: HookIo = {
    run: kill.tool(withFailures(world.run, failing)),
    machine,
    env: environmentFor(happening, before, folder.charmDir),
    charmDir: folder.charmDir,
    script: scriptOf(happening),
    print: (line) => void debug.push(line),
  };
  const ended = await Promise.race([endOf(charm.hook(io)), kill.killed]);
  const outcome = await outcomeOf(before, happening, { folder, world, machine, debug }, ended.exitCode);
  if (ended.exitCode !== 0) throw new HookFailedError(eventName(happening), outcome, ended.cause);
  return outcome;
}

interface Ended {
  readonly exitCode: number;
  readonly cause?: unknown;
}

async function endOf(hook: Promise<number>): Promise<Ended> {
  try {
    return { exitCode: await hook };
  } catch (cause) {
    return { exitCode: 1, cause };
  }
}

interface KillSwitch {
  /** Settles when the hook is killed, else never. */
  readonly killed: Promise<Ended>;
  readonly program: () => Promise<void>;
  readonly tool: (run: ToolRunner) => ToolRunner;
}

/** A killed hook does nothing more: a program that it waits for never ends, a hook tool never returns to it. */
function killSwitch(at = Number.POSITIVE_INFINITY): KillSwitch {
  const { promise: killed, resolve } = Promise.withResolvers<Ended>();
  let calls = 0;
  const isKilled = () => {
    calls += 1;
    if (calls >= at) resolve({ exitCode: 137, cause: new Error('it was killed') });
    return calls >= at;
  };
  return {
    killed,
    program: () => (isKilled() ? new Promise<never>(() => {}) : Promise.resolve()),
    tool: (run) => (tool, args, input) => {
      if (isKilled()) throw new Error(`killed before ${tool}`);
      return run(tool, args, input);
    },
  };
}

function withFailures(run: ToolRunner, failing: Readonly<Record<string, string>>): ToolRunner {
  return (tool, args, input) => {
    const stderr = failing[tool];
    return stderr === undefined ? run(tool, args, input) : { code: 1, stdout: '', stderr };
  };
}

interface Parts {
  readonly folder: WorldFolder;
  readonly world: HookWorld;
  readonly machine: TestMachine;
  readonly debug: readonly string[];
}

async function outcomeOf(before: State, event: Event, parts: Parts, exitCode: number): Promise<Outcome> {
  const { folder, world, machine, debug } = parts;
  return freeze({
    ...afterHook(before, event, world.writes, exitCode === 0),
    ...(await machine.read()),
    ...folder.read(machine.isOwnFile),
    exitCode,
    ran: machine.ran,
    tools: world.tools,
    log: world.writes.logged,
    debug,
    action: actionOf(world),
  });
}

function actionOf({ action, writes }: HookWorld): Outcome['action'] {
  if (action === undefined) return undefined;
  return {
    status: action.failure === undefined ? 'completed' : 'failed',
    message: action.failure ?? '',
    results: Object.fromEntries(flat(action.results)),
    log: writes.actionLog,
  };
}

function flat(results: NonNullable<HookWorld['action']>['results'], prefix = ''): [string, string][] {
  return Object.entries(results).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  );
}
