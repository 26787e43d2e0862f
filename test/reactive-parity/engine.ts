/** Runs a program with this project's engine. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixedContext } from '../../src/reactive/hook-context.fixture.ts';
import {
  type Condition,
  FileStore,
  fileChanged,
  HandlerError,
  handler,
  interfacesOf,
  openState,
  predicate,
  ReactiveError,
  runHandlers,
  type State,
  type Trigger,
} from '../../src/reactive/index.ts';
import type { Op, Outcome, Program, ProgramCondition, ProgramHook, ProgramTrigger } from './program.ts';

class Failure extends Error {}

const interfaces = interfacesOf({ requires: { db: { interface: 'db' }, cache: { interface: 'cache' } } });

/** The outcomes of all hooks, with a second attempt after one that failed, up to one that fails twice. */
export async function runProgram(program: Program): Promise<Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'parity-'));
  const outcomes: Outcome[] = [];
  try {
    for (const hook of program.hooks) {
      const first = await runAttempt(program, hook, 0, directory);
      outcomes.push(first);
      if (!first.failed) continue;
      const second = await runAttempt(program, hook, 1, directory);
      outcomes.push(second);
      if (second.failed) break;
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
  return outcomes;
}

async function runAttempt(program: Program, hook: ProgramHook, attempt: number, directory: string): Promise<Outcome> {
  const path = join(directory, 'state.json');
  const happened: string[] = [];
  let failed = false;
  try {
    await runOnce(program, hook, attempt, directory, new FileStore(path), happened);
  } catch (error) {
    const cause = error instanceof HandlerError ? error.cause : error;
    if (!(cause instanceof Failure) && !(cause instanceof ReactiveError)) throw error;
    failed = true;
  }
  return { failed, happened, flags: Object.fromEntries(new FileStore(path).flags) };
}

async function runOnce(
  program: Program,
  hook: ProgramHook,
  attempt: number,
  directory: string,
  store: FileStore,
  happened: string[],
): Promise<void> {
  const { relation, name, kind } = hook;
  const context = fixedContext({
    event: { name, kind, relation },
    config: hook.config,
    relations: hook.relations,
    log: (level, message) => {
      if (level === 'WARNING' && message.includes(' called before flag')) {
        happened.push(`warning:${message.split(' called before ')[1]}`);
      }
    },
  });
  const state = openState(store);
  const path = (file: number) => join(directory, `f${file}`);
  const asTrigger = ({ callback, ...rest }: ProgramTrigger): Trigger =>
    callback === undefined ? rest : { ...rest, callback: () => happened.push(`callback:${callback}`) };
  const runs = new Map<string, number>();

  const asCondition = (condition: ProgramCondition, own: string): Condition => {
    switch (condition.kind) {
      case 'fileChanged':
        return fileChanged(...condition.files.map(path));
      case 'ranFewerThan':
        return predicate('ran fewer times', () => (runs.get(own) ?? 0) < condition.times);
      case 'flagIsSet':
        return predicate('flag is set', ({ flags }) => flags.isSet(condition.flag));
      case 'meddles':
        return predicate('meddles', ({ flags }) => {
          flags.toggle(condition.flag, condition.sets);
          return !runs.has(own);
        });
      default:
        return condition;
    }
  };
  const perform = (op: Op, { flags }: State) => {
    if (op.ifSet !== undefined && !flags.isSet(op.ifSet)) return;
    if (op.op === 'set') flags.set(op.flag, op.value);
    if (op.op === 'clear') flags.clear(op.flag);
    if (op.op === 'toggle') flags.toggle(op.flag, op.should);
    if (op.op === 'note')
      happened.push(`note:${JSON.stringify(flags.isSet(op.flag) ? flags.value(op.flag) : 'unset')}`);
    if (op.op === 'trigger' && !restricted.includes(name)) flags.registerTrigger(asTrigger(op.trigger));
    if (op.op === 'write') write(path(op.file), op.content);
    if (op.op === 'fail' && attempt === 0) throw new Failure();
  };
  const handlers = program.handlers.map(({ conditions, ops }, index) => {
    const own = `h${index}`;
    return handler<typeof api>(
      own,
      conditions.map((condition) => asCondition(condition, own)),
      (given) => {
        happened.push(own);
        runs.set(own, (runs.get(own) ?? 0) + 1);
        for (const op of ops) perform(op, given);
      },
    );
  });
  const api = { ...state, juju: context, event: context.event };
  await runHandlers(handlers, api, {
    triggers: program.triggers.map(asTrigger),
    managed: { defaults: program.defaults, alsoWatched: ['endpoint.db.joined', 'endpoint.cache.joined'] },
    interfaces,
  });
  store.commit();
}

const restricted = ['collect-metrics', 'meter-status-changed'];

function write(path: string, content: string | null): void {
  if (content === null) rmSync(path, { force: true });
  else writeFileSync(path, content);
}
