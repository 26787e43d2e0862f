/** Serves what was prepared: as a service of our own, or in the hands of a gunicorn subordinate. */
import type { WsgiApi } from './api.ts';
import { failedBefore, mayMendItself, rememberFailure } from './app/failures.ts';
import type { Prepared } from './app/prepare.ts';
import { mendOfReadOnly } from './app/read-only.ts';
import { writeRunProgram } from './app/run-command.ts';
import type { Options } from './config/options.ts';
import type { Goal } from './decide.ts';
import { readLastServed } from './memory/last-served.ts';
import { bringBack, DoesNotStay, keepProcesses, replaceProcesses } from './processes/replace.ts';
import { handOver, takeBack } from './publish/gunicorn-subordinate.ts';
import type { Relations } from './relations/databags.ts';
import { endLoan } from './service/lender.ts';
import { stopForGood } from './service/remove.ts';
import { SandboxRefused, serve } from './service/serve.ts';
import { readServed, type Served } from './service/state.ts';
import type { Tried } from './service/trial.ts';
import { blocked, Problem } from './status.ts';
import { UNSANDBOXED } from './unit/desired-service.ts';

/** What came to serve as wanted, or as before, and what serves now in any case. */
export interface Serving {
  readonly goal: Goal | undefined;
  readonly prepared: Prepared | undefined;
  readonly served: Served;
  /** What is to be said after the active line: a release that waits for its turn. */
  readonly line: string | undefined;
  /** The release that came to serve. */
  readonly release: string | undefined;
}

/**
 * @param before what serves before
 * @param problems where what the operator should know is noted, and keeps nothing from serving
 * @param tried a trial that is not made again
 * @returns what serves then
 * @throws Problem that says why it does not serve
 */
export async function servePrepared(
  api: WsgiApi,
  relations: Relations,
  options: Options,
  prepared: Prepared,
  before: Served,
  problems: Problem[],
  tried?: Tried,
): Promise<Served> {
  const { machine } = api;
  if (!prepared.connections.revoked) refuseKnown(api, prepared);
  const bring = bringing(api, prepared);
  let served: Served;
  try {
    if (options.wsgi_module === undefined) served = await serveNothing(api, relations, before);
    else if (relations['wsgi-file'].length > 0) served = await handOver(api, relations, options, prepared, before);
    else served = await serveHere(api, prepared, before, tried, bring);
    problems.push(...(await whereSandboxRefused(api, bring)));
  } catch (error) {
    await bringBack(machine);
    if (error instanceof DoesNotStay && !mayMendItself(error.message)) {
      rememberFailure(api.data, 'processes', inputsOf(prepared), error.message);
    }
    if (!(error instanceof Problem)) throw error;
    const mend = mendOfReadOnly(api.machine, error.message, prepared.source.folder, options.data_paths);
    const more = prepared.provisioned ? ` (${prepared.provisioning.setBy} had run)` : '';
    throw more === '' && mend === '' ? error : new Problem(error.status, `${error.message}${mend}${more}`);
  }
  await prepared.makeCurrent();
  await keepProcesses(machine, prepared.desiredProcesses());
  await writeRunProgram(machine, api.juju.unit.unit, prepared.confinement());
  return served;
}

/** Somebody asks for the application by name: what was stopped by hand is started. */
function startsStopped({ event }: WsgiApi): boolean {
  return event.kind === 'action' || event.name === 'start' || event.name === 'upgrade-charm';
}

/** Brings the processes in line once, whoever asks for it first. Returns what is to be said of those that do not stay. */
function bringing(api: WsgiApi, prepared: Prepared): () => Promise<Problem[]> {
  let problems: Problem[] | undefined;
  return async () => {
    problems ??= await replaceProcesses(api.machine, prepared.desiredProcesses(), {
      leads: prepared.processes.some(({ onLeader }) => onLeader) && api.juju.isLeader(),
      startStopped: startsStopped(api),
      fallBack: !prepared.connections.revoked,
    });
    return problems;
  };
}

/**
 * Refuses processes that did not stay when they were started last: to try the same ones in each hook would interrupt those
 * that run.
 */
function refuseKnown({ data }: WsgiApi, prepared: Prepared): void {
  const before = failedBefore(data, 'processes', inputsOf(prepared));
  if (before !== undefined) blocked(before);
}

function inputsOf({ desiredProcesses }: Prepared): string[] {
  return desiredProcesses().processes.map(({ generation }) => generation);
}

/** An application of processes alone: nothing listens. */
async function serveNothing({ machine }: WsgiApi, relations: Relations, before: Served): Promise<Served> {
  if (relations['wsgi-file'].length > 0)
    blocked('wsgi_module: is empty, and the gunicorn subordinate needs it; set it');
  if (before.unit === undefined && before.sockets.length === 0) return before;
  await stopForGood(machine);
  return readServed(machine);
}

async function serveHere(
  api: WsgiApi,
  { desired, connections }: Prepared,
  before: Served,
  tried: Tried | undefined,
  bring: () => Promise<unknown>,
): Promise<Served> {
  const { machine, juju } = api;
  const served = await takeBack(api, desired(), before);
  const options = {
    startedBefore: readLastServed(api).started,
    startStopped: startsStopped(api),
    revoked: connections.revoked,
    log: (line: string) => juju.log('WARNING', line),
    tried,
    beforeReplacing: async () => void (await bring()),
  };
  try {
    return await whereSandboxRefused(api, () => serve(machine, desired(), served, options));
  } finally {
    await endLoan(machine);
  }
}

/** Starts what a machine refuses its sandbox once more, without. */
async function whereSandboxRefused<T>({ juju, data }: WsgiApi, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof SandboxRefused) || data.get(UNSANDBOXED) === true) throw error;
    juju.log('WARNING', `this machine refuses the service its sandbox, so it runs without: ${error.message}`);
    data.set(UNSANDBOXED, true);
    return start();
  }
}
