/** One event from beginning to end. */
import { join } from 'node:path';
import config from '../config.yaml';
import { createHookContext, type RememberingContext } from './juju/context.ts';
import { hookEnvironment } from './juju/environment.ts';
import { runTool, type ToolRunner } from './juju/run.ts';
import { statusSet } from './juju/status.ts';
import type { ConfigValue } from './juju/types.ts';
import { FileStore, type Handler, openState, runHandlers, type Store, StoreError } from './reactive/index.ts';
import type { Machine } from './system/machine.ts';
import { openPrivateRecord, type PrivateRecord } from './system/private-record.ts';
import { createMachine } from './system/real-machine.ts';
import type { WsgiApi } from './wsgi/api.ts';
import { wsgiFor } from './wsgi/asks.ts';
import { finish } from './wsgi/finish.ts';
import { layerHandlers } from './wsgi/layer.ts';

/** Everything outside the charm that one event touches. */
export interface HookIo {
  /** Runs hook tools. */
  readonly run: ToolRunner;
  readonly machine: Machine;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the charm is unpacked, as a path of this host. */
  readonly charmDir: string;
  /** What was started: `hooks/install`, `actions/restart`. */
  readonly script: string;
  /** Takes the lines for standard output, which Juju logs as DEBUG. */
  readonly print?: (line: string) => void;
  /** What `charms.reactive` is for handlers of the charm that are programs; these are left out without it. */
  readonly reactiveCommand?: readonly [string, ...string[]];
}

/** Files in the charm directory that Juju does not ship, and so leaves alone in a refresh. */
const STORE = '.reactive.json';
const PRIVATE = '.private.json';
/** Answers of Juju from the hooks before; databags among them, so it is for root only. */
const MEMORY = 'juju.memory';
/** Started with this, the charm is the command that its external handlers call. */
const REACTIVE = 'charms.reactive';

/**
 * Runs one hook or action.
 *
 * @param handlers those of the charm's author, after the layer's own
 * @returns the exit code; what a handler throws comes out of it, and nothing of the hook is kept then
 */
export async function runHook(io: HookIo, handlers: readonly Handler<WsgiApi>[] = []): Promise<number> {
  const environment = hookEnvironment({ JUJU_CHARM_DIR: io.charmDir, ...io.env }, io.script);
  const store = openStore(join(io.charmDir, STORE));
  if (!(store instanceof FileStore)) {
    statusSet(io.run, { status: 'blocked', message: store.whyNot });
    return 0;
  }
  const keep = openPrivateRecord(join(io.charmDir, PRIVATE));
  const remembered = store.interrupted ? undefined : keep.get(MEMORY);
  const juju = createHookContext(io.run, environment, remembered, io.print === undefined ? {} : { print: io.print });
  for (const remark of store.remarks) juju.log('WARNING', remark);
  const api = {
    ...openState(store),
    juju,
    event: juju.event,
    machine: io.machine,
    charmDir: io.charmDir,
    env: io.env,
    interrupted: store.interrupted,
    keep,
    wsgi: wsgiFor(keep),
    loadWork: () => import('./wsgi/work.ts'),
  };
  const { charmDir, env, reactiveCommand: command } = io;
  await runHandlers([...layerHandlers, ...handlers], api, {
    managed: { defaults: defaults(), fresh: store.interrupted },
    external: command && { charmDir, store, command, env },
    trace: Boolean(env.REACTIVE_TRACE),
  });
  finish(juju, api.data);
  commit(juju, store, keep);
  return 0;
}

/** A file of a newer revision of this charm is not ours to touch; the operator is told so. */
function openStore(path: string): FileStore | { readonly whyNot: string } {
  try {
    return new FileStore(path);
  } catch (error) {
    if (error instanceof StoreError) return { whyNot: error.message };
    throw error;
  }
}

/** Juju's side first: what the store says was written must not be lost when the hook is killed in between. */
function commit(juju: RememberingContext, store: Store, keep: PrivateRecord): void {
  juju.commit();
  keep.set(MEMORY, JSON.parse(JSON.stringify(juju.remember())));
  const unwritable = keep.commit();
  if (unwritable !== undefined) juju.log('WARNING', `the next hook will look at everything again: ${unwritable}`);
  try {
    // Where the memory could not be written the old one is still there, and only the store's mark says not to believe it.
    if (unwritable === undefined) store.commit();
    else store.flush();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // The application is as it should be, and the next hook finds that out by looking.
    juju.log('WARNING', `the next hook will look at everything again: ${error.message}`);
  }
}

function defaults(): Record<string, ConfigValue | undefined> {
  return Object.fromEntries(Object.entries(config.options).map(([name, option]) => [name, option.default]));
}

/** What the entry file of a charm calls. */
export async function main(handlers: readonly Handler<WsgiApi>[] = []): Promise<void> {
  const { env, argv, execPath } = process;
  const [, entry = '', script = ''] = argv;
  if (script === REACTIVE) {
    const { runAsProgram } = await import('./reactive/cli.ts');
    return runAsProgram(argv.slice(3));
  }
  const charmDir = env.JUJU_CHARM_DIR || env.CHARM_DIR || join(import.meta.dirname, '..');
  process.exitCode = await runHook(
    { run: runTool, machine: createMachine(), env, charmDir, script, reactiveCommand: [execPath, entry, REACTIVE] },
    handlers,
  );
}
