/** One event from beginning to end. */
import { join } from 'node:path';
import config from '../config.yaml';
import { type HookIo, openHook } from './hook.ts';
import { leaderSettings } from './juju/leader.ts';
import { runTool } from './juju/run.ts';
import { statusSet } from './juju/status.ts';
import type { ConfigValue, HookContext } from './juju/types.ts';
import { FileStore, type Handler, openState, runHandlers, type Store, StoreError } from './reactive/index.ts';
import { createMachine } from './system/real-machine.ts';
import type { WsgiApi } from './wsgi/api.ts';
import { layerHandlers } from './wsgi/layer.ts';
import { finish } from './wsgi/status.ts';

/** What the entry file of a charm gives to {@link runHook}. */
export interface EntryIo extends HookIo {
  /** What `charms.reactive` is for handlers of the charm that are programs; these are left out without it. */
  readonly reactiveCommand?: readonly [string, ...string[]];
}

/** A file in the charm directory that Juju does not ship, and so leaves alone in a refresh. */
const STORE = '.reactive.json';
/** Started with this, the charm is the command that its external handlers call. */
const REACTIVE = 'charms.reactive';

/**
 * Runs one hook or action.
 *
 * @param handlers those of the charm's author, after the layer's own
 * @returns the exit code; what a handler throws comes out of it, and nothing of the hook is kept then
 */
export async function runHook(io: EntryIo, handlers: readonly Handler<WsgiApi>[] = []): Promise<number> {
  const store = openStore(`${io.charmDir}/${STORE}`);
  if (!(store instanceof FileStore)) {
    statusSet(io.run, { status: 'blocked', message: store.whyNot });
    return 0;
  }
  const { api, juju, commit } = openHook(io, openState(store), store.interrupted);
  for (const remark of store.remarks) juju.log('WARNING', remark);
  const { charmDir, env, reactiveCommand: command } = io;
  await runHandlers([...layerHandlers, ...handlers], api, {
    managed: { defaults: defaults(), fresh: store.interrupted, leaderSettings: () => leaderSettings(io.run) },
    external: command && { charmDir, store, command, env },
    trace: Boolean(env.REACTIVE_TRACE),
  });
  finish(juju, api.data);
  // Juju's side first: what the store says was written must not be lost when the hook is killed in between.
  const unwritable = commit();
  keepState(store, juju, unwritable === undefined);
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

/** @param whole whether the memory beside it is of this hook too: else only the store's mark says not to believe it */
function keepState(store: Store, juju: HookContext, whole: boolean): void {
  try {
    if (whole) store.commit();
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
