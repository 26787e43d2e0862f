/** Runs one program of a charm on its machine with the unit's tools at hand, and keeps what it wrote. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runHookTool, toolNames } from '../hooktools/hook-tool.ts';
import { type Effect, emptyPending, type RunningAction, type ToolContext, type World } from '../hooktools/world.ts';
import type { ExecResult, LocalMachine } from '../machine.ts';
import { timestamp } from '../model/clock.ts';
import { nextHex, nextSecretId } from '../model/ids.ts';
import type { Hook, Unit } from '../model/state.ts';
import { setWorkloadStatus } from '../model/status.ts';
import { type Event, hookEnvironment } from './environment.ts';
import type { Session } from './session.ts';
import { installTools, serveTools } from './tool-server.ts';
import { hostPaths, seenPaths } from './unit-paths.ts';
import { unitWorld } from './world.ts';

export interface Ran {
  readonly result: ExecResult;
  readonly world: World;
  readonly context: ToolContext;
}

export interface Program {
  readonly event: Event;
  /** The hook where it is one: it decides which remote units are listed. */
  readonly hook?: Hook;
  readonly argv: (charmDir: string) => readonly string[];
  readonly action?: RunningAction;
  readonly onActionLog?: (message: string) => void;
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
}

export async function runProgram(session: Session, unit: Unit, program: Program): Promise<Ran> {
  const machine = await session.machine(unit.machine);
  const [seen, host] = [seenPaths(machine, unit.name), hostPaths(machine, unit.name)];
  const world = unitWorld(session, unit, program.hook, { address: machine.address, seen, host });
  const contextId = `${unit.name}-${program.event.name}-${nextHex(session.state)}`;
  const context: ToolContext = {
    relation: program.event.relation && relationOf(program.event.relation),
    action: program.action,
    pending: emptyPending(),
    effect: (effect) => takeEffect(session, unit, program, effect),
    newSecretId: () => nextSecretId(session.state),
  };
  installTools(host.tools, toolNames(session.state.jujuVersion));
  const stop = await serveTools(host.socket, contextId, (call) => runHookTool(world, context, call));
  const around = { path: machine.hookPath, paths: seen, contextId, machine: machine.hookEnv };
  try {
    const result = await machine.exec(program.argv(seen.charm), {
      env: hookEnvironment(session.state, unit, program.event, around),
      cwd: seen.charm,
      onStdout: program.onStdout,
      onStderr: program.onStderr,
      signal: session.signal,
    });
    return { result, world, context };
  } finally {
    await stop();
  }
}

function relationOf(relation: NonNullable<Event['relation']>): NonNullable<ToolContext['relation']> {
  const { id, remoteApp, remoteUnit } = relation;
  return remoteUnit === undefined ? { id, remoteApp } : { id, remoteApp, remoteUnit };
}

function takeEffect(session: Session, unit: Unit, program: Program, effect: Effect): void {
  const { state } = session;
  const application = state.applications[unit.application];
  if (application === undefined) return;
  switch (effect.kind) {
    case 'status':
      setWorkloadStatus(state, unit, effect.status, effect.message);
      break;
    case 'application-status':
      application.status = { status: effect.status, message: effect.message, since: timestamp(state) };
      break;
    case 'application-version':
      application.version = effect.version;
      break;
    case 'log':
      session.log(unit.name, effect.level, `unit.${unit.name}.juju-log`, effect.message);
      return;
    case 'action-log':
      program.onActionLog?.(effect.message);
      return;
    case 'secret-consumed': {
      const secret = state.secrets[effect.id];
      const told = secret?.consumers[unit.name]?.told ?? effect.revision;
      if (secret !== undefined) secret.consumers[unit.name] = { revision: effect.revision, label: effect.label, told };
      return;
    }
  }
  // Another terminal may be watching while a long hook says how far it is.
  session.save();
}

/** Why the kernel would refuse to run a program of the charm; `undefined` where it would not. */
export function execFormatError(machine: LocalMachine, unit: string, path: string): string | undefined {
  const file = join(hostPaths(machine, unit).charm, path);
  const refused = (why: string) => `fork/exec ${seenPaths(machine, unit).charm}/${path}: ${why}`;
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return refused('no such file or directory');
  if ((stat.mode & 0o111) === 0) return refused('permission denied');
  const head = Buffer.alloc(4);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, head, 0, 4, 0);
  } finally {
    closeSync(descriptor);
  }
  const runs = head.toString('latin1').startsWith('#!') || head.toString('latin1') === '\x7fELF';
  return runs ? undefined : refused('exec format error');
}
