/** Actions and exec: tasks on units, run at once, on a unit in error too. */

import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningAction } from '../hooktools/world.ts';
import { validateParams, withDefaults } from '../model/action-params.ts';
import { timestamp } from '../model/clock.ts';
import { nextOperationId } from '../model/ids.ts';
import { LocalError } from '../model/local-error.ts';
import type { ModelState, Operation, Task, TaskResults, Unit } from '../model/state.ts';
import { setAgentStatus } from '../model/status.ts';
import { CommitError, commit } from './commit.ts';
import type { Event } from './environment.ts';
import { type Ran, runProgram } from './hook-process.ts';
import type { Session } from './session.ts';
import { hostPaths, seenPaths } from './unit-paths.ts';

/** Nanoseconds, as `exec --wait` has it by default. */
const EXEC_TIMEOUT = 300e9;

/** Characters of a stream that are kept; all of it is in the model's file, which is read and written at every turn. */
const LONGEST_OUTPUT = 1024 * 1024;
/** Of what an operation before the last one printed. */
const LONGEST_OLD_OUTPUT = 64 * 1024;
/** Older operations are forgotten. */
const MOST_OPERATIONS = 200;

export type OnTaskLog = (task: Task, message: string) => void;

export function newOperation(
  state: ModelState,
  action: string,
  parameters: Record<string, unknown>,
  units: readonly string[],
): Operation {
  const enqueued = timestamp(state);
  const operation: Operation = {
    id: nextOperationId(state),
    summary: action === 'juju-exec' ? 'exec command' : `action ${JSON.stringify(action)}`,
    action,
    parameters,
    enqueued,
    tasks: [],
  };
  for (const unit of units) {
    const id = nextOperationId(state);
    operation.tasks.push({ id, unit, status: 'pending', message: '', log: [], results: {}, enqueued });
  }
  state.operations.at(-1)?.tasks.forEach(shorten);
  state.operations.push(operation);
  if (state.operations.length > MOST_OPERATIONS) state.operations.shift();
  return operation;
}

function shorten(task: Task): void {
  for (const stream of ['stdout', 'stderr']) {
    const text = task.results[stream];
    if (typeof text === 'string') task.results[stream] = text.slice(0, LONGEST_OLD_OUTPUT);
  }
}

/** @throws LocalError for an action that the charm does not have */
export async function runAction(session: Session, operation: Operation, onLog: OnTaskLog): Promise<void> {
  for (const task of operation.tasks) {
    const unit = needUnit(session, task);
    const spec = session.charmOf(unit.application).actions[operation.action];
    if (spec === undefined) throw new LocalError(`action ${JSON.stringify(operation.action)} not defined`);
    const strict = Number.parseInt(session.state.jujuVersion, 10) >= 4;
    const why = validateParams(spec, operation.parameters, strict);
    if (why !== undefined) {
      Object.assign(task, {
        status: 'error',
        message: `cannot run ${JSON.stringify(operation.action)} action: validation failed: ${why}`,
      });
      continue;
    }
    const action: RunningAction = { params: withDefaults(spec, operation.parameters), results: {} };
    await runTask(
      session,
      unit,
      task,
      action,
      actionEvent(operation, task),
      onLog,
      await actionProgram(session, unit, operation.action),
    );
  }
  operation.completed = timestamp(session.state);
}

function needUnit(session: Session, task: Task): Unit {
  const unit = session.state.units[task.unit];
  if (unit === undefined) throw new LocalError(`unit ${JSON.stringify(task.unit)} not found`);
  return unit;
}

function actionEvent(operation: Operation, task: Task): Event {
  return { name: operation.action, kind: 'action', task: task.id };
}

/** Path in the charm folder; `undefined` where the charm ships none. */
async function actionProgram(session: Session, unit: Unit, action: string): Promise<string | undefined> {
  const { charm } = hostPaths(await session.machine(unit.machine), unit.name);
  if (existsSync(join(charm, 'dispatch'))) return 'dispatch';
  return existsSync(join(charm, 'actions', action)) ? `actions/${action}` : undefined;
}

async function runTask(
  session: Session,
  unit: Unit,
  task: Task,
  action: RunningAction,
  event: Event,
  onLog: OnTaskLog,
  path: string | undefined,
): Promise<void> {
  begin(session, unit, task, event.name);
  if (path === undefined) {
    end(session, unit, task, {
      status: 'failed',
      message: `action not implemented on unit ${JSON.stringify(unit.name)}`,
    });
    return;
  }
  const ran = await runProgram(session, unit, {
    event,
    action,
    argv: (charmDir) => [`${charmDir}/${path}`],
    onActionLog: (message) => {
      task.log.push({ time: timestamp(session.state), message });
      onLog(task, message);
    },
  });
  const { code } = ran.result;
  const refused = code === 0 ? commitRan(session, unit, ran) : undefined;
  const results = resultsOf(ran, { ...action.results, ...output(ran, refused) });
  if (code !== 0) end(session, unit, task, { status: 'failed', message: `exit status ${code}`, results });
  else if (action.failure !== undefined)
    end(session, unit, task, { status: 'failed', message: action.failure, results });
  else end(session, unit, task, { status: 'completed', message: '', results });
}

/** Runs a command of the operator as `juju-exec` in the charm folder, with the hook tools. */
export async function runExec(session: Session, operation: Operation, command: string): Promise<void> {
  for (const task of operation.tasks) {
    const unit = needUnit(session, task);
    begin(session, unit, task, 'juju-exec');
    const machine = await session.machine(unit.machine);
    const script = join(hostPaths(machine, unit.name).scripts, task.id, 'script.sh');
    mkdirSync(join(script, '..'), { recursive: true });
    writeFileSync(script, `${command}\n`, { mode: 0o700 });
    const ran = await runProgram(session, unit, {
      event: { name: 'juju-exec', kind: 'exec', task: task.id },
      action: { params: { command, timeout: EXEC_TIMEOUT }, results: {} },
      argv: () => ['/bin/bash', `${seenPaths(machine, unit.name).scripts}/${task.id}/script.sh`],
    });
    rmSync(join(script, '..'), { recursive: true, force: true });
    // Kept even where the last command fails, other than an action's.
    const refused = commitRan(session, unit, ran);
    end(session, unit, task, { status: 'completed', message: '', results: resultsOf(ran, output(ran, refused)) });
  }
  operation.completed = timestamp(session.state);
}

function begin(session: Session, unit: Unit, task: Task, name: string): void {
  Object.assign(task, { status: 'running', started: timestamp(session.state) });
  setAgentStatus(session.state, unit, 'executing', `running action ${name}`);
  session.save();
}

function end(
  session: Session,
  unit: Unit,
  task: Task,
  outcome: Pick<Task, 'status' | 'message'> & { results?: TaskResults },
): void {
  Object.assign(task, outcome, { completed: timestamp(session.state) });
  if (unit.failed === undefined) setAgentStatus(session.state, unit, 'idle', '');
  else setAgentStatus(session.state, unit, 'error', unit.failed.message);
  session.save();
}

/** @returns why what it wrote was refused; the exit code stays that of the program */
function commitRan(session: Session, unit: Unit, { result, world, context }: Ran): string | undefined {
  if (result.signal !== undefined) return undefined;
  try {
    commit(session.state, unit, world, context);
    return undefined;
  } catch (error) {
    if (error instanceof CommitError) return error.message;
    throw error;
  }
}

function output({ result }: Ran, refused: string | undefined): TaskResults {
  const stdout = result.stdout.slice(0, LONGEST_OUTPUT);
  const said = result.stderr.slice(0, LONGEST_OUTPUT);
  const stderr = refused === undefined ? said : `${said}\n${refused}`;
  return { ...(stdout === '' ? {} : { stdout }), ...(stderr === '' ? {} : { stderr }) };
}

function resultsOf({ result }: Ran, results: TaskResults): TaskResults {
  return { ...results, 'return-code': result.code };
}
