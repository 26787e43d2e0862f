/** One hook or action as handlers see it. Their flags are kept by this project's store or by charms.reactive. */
import { existsSync } from 'node:fs';
import { createHookContext, type RememberingContext } from './juju/context.ts';
import { hookEnvironment } from './juju/environment.ts';
import type { ToolRunner } from './juju/run.ts';
import type { Data, Flags } from './reactive/types.ts';
import type { Machine } from './system/machine.ts';
import { openPrivateRecord } from './system/private-record.ts';
import type { WsgiApi } from './wsgi/api.ts';
import { wsgiFor } from './wsgi/author-requests.ts';
import { CONVERGE } from './wsgi/layer.ts';
import { applicationProcess } from './wsgi/memory/application-process.ts';

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
}

/** A file in the charm directory that Juju does not ship, and so leaves alone in a refresh. */
const PRIVATE = '.private.json';
/** Answers of Juju from the hooks before; databags among them, so it is for root only. */
const MEMORY = 'juju.memory';

/** What has begun, and how it ends well. */
export interface OpenHook<State> {
  readonly api: WsgiApi & State;
  readonly juju: RememberingContext;
  /**
   * Writes what was collected for Juju, and then what is kept for the next hook beside flags and data.
   *
   * @returns why that could not be kept; the next hook is then to take this one for interrupted
   */
  readonly commit: () => string | undefined;
}

/** @param interrupted whether the hook before this one did not come to its end, so that no memory of it is to be believed */
export function openHook<State extends { readonly flags: Flags; readonly data: Data }>(
  io: HookIo,
  state: State,
  interrupted: boolean,
): OpenHook<State> {
  const environment = hookEnvironment({ JUJU_CHARM_DIR: io.charmDir, ...io.env }, io.script);
  const keep = openPrivateRecord(`${io.charmDir}/${PRIVATE}`);
  const begunAnew = interrupted || keep.damaged;
  const remembered = begunAnew ? undefined : keep.get(MEMORY);
  const hearsOfSecrets = hasHook(io.charmDir, 'secret-changed');
  const juju = createHookContext(io.run, environment, remembered, {
    hearsOfSecrets,
    print: io.print,
  });
  const api = {
    ...state,
    juju,
    event: juju.event,
    machine: io.machine,
    charmDir: io.charmDir,
    env: io.env,
    // What a damaged record held is found by looking at everything, as after a hook that was ended.
    interrupted: begunAnew,
    hearsOfSecrets,
    keep,
    wsgi: wsgiFor(
      keep,
      () => applicationProcess(state.data),
      () => state.flags.set(CONVERGE),
    ),
    loadWork: () => import('./wsgi/reconcile.ts'),
  };
  if (keep.damaged) juju.log('WARNING', `${PRIVATE} is damaged; it is built anew`);
  const commit = () => {
    juju.commit();
    keep.set(MEMORY, JSON.parse(JSON.stringify(juju.remember())));
    const unwritable = keep.commit();
    if (unwritable !== undefined) juju.log('WARNING', `the next hook will look at everything again: ${unwritable}`);
    return unwritable;
  };
  return { api, juju, commit };
}

/** `charm build` makes hooks for some events only; where a charm has none, Juju passes the event over. */
function hasHook(charmDir: string, name: string): boolean {
  return existsSync(`${charmDir}/hooks/${name}`) || existsSync(`${charmDir}/dispatch`);
}
