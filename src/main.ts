/** One event from beginning to end. */
import { basename, join } from 'node:path';
import config from '../config.yaml';
import { type HookIo, openHook } from './hook.ts';
import { leaderSettings } from './juju/leader.ts';
import { debugLine, jujuLog } from './juju/log.ts';
import { runTool } from './juju/run.ts';
import { statusSet } from './juju/status.ts';
import { tolerant } from './juju/tolerant.ts';
import type { ConfigValue, HookContext } from './juju/types.ts';
import {
  FileStore,
  type Handler,
  HandlerError,
  openState,
  runHandlers,
  type Store,
  StoreError,
} from './reactive/index.ts';
import { maskUrls } from './system/mask.ts';
import { createMachine } from './system/real-machine.ts';
import type { WsgiApi } from './wsgi/api.ts';
import { layerHandlers } from './wsgi/layer.ts';
import { finish } from './wsgi/status.ts';

/** What the entry file of a charm gives to {@link runHook}. */
export interface EntryIo extends HookIo {
  /** What `charms.reactive` is for handlers of the charm that are programs; these are left out without it. */
  readonly reactiveCommand?: readonly [string, ...string[]];
  readonly progress?: Progress;
}

/** How far the hook has come, for the message about an error that none of its steps caught. */
export interface Progress {
  /** The handler that runs, or ran last. */
  handler: string | undefined;
  /** There was such an error: the next hook is to look at everything. */
  strayed: boolean;
}

/** A file in the charm directory that Juju does not ship, and so leaves alone in a refresh. */
const STORE = '.reactive.json';
/** Started with this, the charm is the command that its external handlers call. */
const REACTIVE = 'charms.reactive';

/**
 * Runs one hook or action.
 *
 * @param handlers those of the charm's author, after the layer's own
 * @returns the exit code
 * @throws HandlerError where a handler of a hook throws, once that is in log and status; nothing of the hook is kept then
 */
export async function runHook(io: EntryIo, handlers: readonly Handler<WsgiApi>[] = []): Promise<number> {
  const store = openStore(`${io.charmDir}/${STORE}`);
  if (!(store instanceof FileStore)) {
    statusSet(io.run, { status: 'blocked', message: store.whyNot });
    return 0;
  }
  const { charmDir, env, progress } = io;
  const run = isLast(env, io.script) ? tolerant(io.run, (line) => (io.print ?? debugLine)(line)) : io.run;
  const { api, juju, commit } = openHook({ ...io, run }, openState(store), store.interrupted);
  for (const remark of store.remarks) juju.log('WARNING', remark);
  try {
    await runHandlers([...layerHandlers, ...handlers], api, {
      managed: { defaults: defaults(), fresh: store.interrupted, leaderSettings: () => leaderSettings(run) },
      external: io.reactiveCommand && { charmDir, store, command: io.reactiveCommand, env },
      trace: Boolean(env.REACTIVE_TRACE),
      invoking: (name) => {
        if (progress !== undefined) progress.handler = name;
      },
    });
  } catch (error) {
    if (!(error instanceof HandlerError)) throw error;
    const { reportHandler } = await import('./hook-failure.ts');
    reportHandler(error, run, juju);
    if (juju.event.kind === 'action') return 0;
    throw error;
  }
  finish(juju, api.data);
  // Juju's side first: what the store says was written must not be lost when the hook is killed in between.
  const unwritable = commit();
  keepState(store, juju, unwritable === undefined && !progress?.strayed);
  return 0;
}

/** Juju may have forgotten the unit in its last hooks, and answers nothing then. */
function isLast(env: HookIo['env'], script: string): boolean {
  return /^(?:stop|remove)$/.test(env.JUJU_HOOK_NAME || basename(env.JUJU_DISPATCH_PATH || script));
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
  const progress: Progress = { handler: undefined, strayed: false };
  catchStrays(progress);
  try {
    const reactiveCommand = [execPath, entry, REACTIVE] as const;
    const io = { run: runTool, machine: createMachine(), env, charmDir, script, reactiveCommand, progress };
    process.exitCode = await runHook(io, handlers);
  } catch (error) {
    if (!(error instanceof HandlerError)) throw error;
    process.exitCode = 1;
  }
}

/**
 * Logs what is thrown, rejected or emitted as `error` outside everything that a handler waits for. The hook goes on: where
 * that was needed the handler never ends, the process does, with 0, and the next hook finds a hook that was interrupted.
 */
function catchStrays(progress: Progress): void {
  process.on('uncaughtException', (error) => {
    progress.strayed = true;
    const step = progress.handler === undefined ? 'before the first handler' : `in handler '${progress.handler}'`;
    const line = `${step}: ${maskUrls(error instanceof Error ? error.message : String(error))}`;
    try {
      jujuLog(runTool, 'WARNING', `${line}; the next hook will look at everything again`);
    } catch {
      process.exitCode ??= 0;
    }
  });
}
