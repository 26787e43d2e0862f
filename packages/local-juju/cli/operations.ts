/** run, exec, actions, operations, show-operation, show-task. */

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { load } from 'js-yaml';
import * as z from 'zod';
import { goYaml } from '../hooktools/go-yaml.ts';
import type { LocalModel } from '../local-model.ts';
import { parseParams } from '../model/action-params.ts';
import { type Charm, readCharm } from '../model/charm.ts';
import { LocalError } from '../model/local-error.ts';
import type { Operation, Task } from '../model/state.ts';
import { goTime, logTime, operationEntry, taskEntry, taskResult } from '../view/operations.ts';
import { formatOption, ordered, printAs, resultsYaml } from './options.ts';
import type { Terminal } from './terminal.ts';

export function operationCommands(terminal: Terminal): Command[] {
  return [
    run(terminal),
    exec(terminal),
    actions(terminal),
    showAction(terminal),
    operations(terminal),
    showOperation(terminal),
    showTask(terminal),
  ];
}

interface RunFlags {
  readonly format: string;
  readonly background?: boolean;
  readonly stringArgs?: boolean;
  readonly params?: string;
}

function run(terminal: Terminal): Command {
  return new Command('run')
    .description('run an action on units')
    .argument('<unit...>', 'units, then the action, then its parameters as key=value')
    .option('--background', 'say how to ask for the result and be done')
    .option('--string-args', 'take values as they are, not as YAML')
    .option('--params <file>', 'YAML file of parameters')
    .option('--wait <time>', 'taken; here the result is always waited for')
    .addOption(formatOption(['plain', 'yaml', 'json'], 'plain'))
    .action(async (args: string[], flags: RunFlags, command: Command) => {
      const names = args.filter((arg) => /^[a-z0-9-]+\/(\d+|leader)$/.test(arg));
      const [action, ...rest] = args.slice(names.length);
      if (names.length === 0) throw new LocalError('no unit specified', 2);
      if (action === undefined) throw new LocalError('no action specified', 2);
      const fromFile =
        flags.params === undefined
          ? {}
          : z.record(z.string(), z.unknown()).parse(load(readFileSync(flags.params, 'utf8')));
      const params = { ...fromFile, ...parseParams(rest, flags.stringArgs === true) };
      let began = false;
      const begin = (operation: Operation) => {
        began = true;
        if (flags.background !== true && operation.failure === undefined) terminal.note(beginning(operation));
      };
      const operation = await terminal.open(command).run(names, action, params, {
        onStart: begin,
        onLog: (_task, message) =>
          flags.background !== true && terminal.note(`${logTime(new Date().toISOString())} ${message}`),
      });
      if (!began) begin(operation);
      finish(terminal, operation, flags);
    });
}

function beginning({ id, tasks }: Operation): string {
  const lines = tasks.map((task) => `  - task ${task.id} on unit-${task.unit.replace('/', '-')}`);
  const count = `${tasks.length} task${tasks.length === 1 ? '' : 's'}`;
  return [
    `Running operation ${id} with ${count}`,
    ...lines,
    '',
    ...tasks.map((task) => `Waiting for task ${task.id}...`),
  ].join('\n');
}

function finish(terminal: Terminal, operation: Operation, { format, background }: RunFlags): void {
  if (operation.failure !== undefined) {
    if (operation.action !== 'juju-exec') terminal.note('\n');
    terminal.note(`Operation ${operation.id} failed to schedule any tasks:\n${operation.failure}`);
    return;
  }
  if (background === true) {
    terminal.note(`Scheduled operation ${operation.id} with task ${operation.tasks.map(({ id }) => id).join(', ')}`);
    terminal.note(`Check operation status with 'juju show-operation ${operation.id}'`);
    for (const { id } of operation.tasks) terminal.note(`Check task status with 'juju show-task ${id}'`);
    return;
  }
  if (operation.tasks.some(({ log }) => log.length > 0)) terminal.note('\n');
  printResults(terminal, operation, format);
  reportFailures(terminal, operation);
}

function printResults(terminal: Terminal, operation: Operation, format: string): void {
  const [task, ...others] = operation.tasks;
  if (task === undefined) return;
  if (format === 'plain' && others.length === 0) {
    terminal.out(plainResult(operation, task));
    return;
  }
  const results = operation.tasks.map((one) => [one.unit, taskResult(one)] as const);
  printAs(terminal, format === 'plain' ? 'yaml' : format, Object.fromEntries(results));
}

/** Results as YAML, then stdout and stderr as they were. */
function plainResult(operation: Operation, task: Task): string {
  const { stdout = '', stderr = '', 'return-code': _code, ...results } = task.results;
  const streams = `${String(stdout)}${String(stderr)}`;
  if (operation.action === 'juju-exec') return streams;
  const failed =
    task.status === 'failed' || task.status === 'error' ? `Action id ${task.id} failed: ${task.message}\n` : '';
  const yaml = Object.keys(results).length === 0 ? '' : `${resultsYaml(results)}\n\n`;
  return `${failed}${yaml}${streams}`;
}

function reportFailures(terminal: Terminal, { tasks }: Operation): void {
  const failed = tasks.filter(
    ({ results }) => typeof results['return-code'] === 'number' && results['return-code'] !== 0,
  );
  if (failed.length === 0) return;
  terminal.exitCode = 1;
  const which = failed.map(
    ({ id, results }) => ` - id ${JSON.stringify(id)} with return code ${String(results['return-code'])}`,
  );
  terminal.note(
    `ERROR the following task${failed.length === 1 ? '' : 's'} failed:\n${which.join('\n')}\n\nuse 'juju show-task' to inspect the failure\n\n`,
  );
}

function exec(terminal: Terminal): Command {
  return new Command('exec')
    .description('run a shell command in the charm folder of units, with the hook tools')
    .argument('<command...>', 'the command, best after --')
    .option('-u, --unit <units>', 'units, with commas between them')
    .option('-a, --application <applications>', 'all units of applications')
    .option('--all', 'all units')
    .option('--wait <time>', 'taken; here the result is always waited for')
    .addOption(formatOption(['plain', 'yaml', 'json'], 'plain'))
    .action(
      async (
        words: string[],
        flags: { unit?: string; application?: string; all?: boolean; format: string },
        command: Command,
      ) => {
        const model = terminal.open(command);
        const chosen = [
          ...(flags.unit?.split(',') ?? []),
          ...(flags.application?.split(',') ?? []).flatMap((application) => model.units(application)),
          ...(flags.all === true ? Object.keys(model.state().units) : []),
        ];
        if (chosen.length === 0)
          throw new LocalError('You must specify a target, either through --all, --application or --unit', 2);
        const operation = await model.exec(chosen, words.join(' '));
        finish(terminal, operation, { format: flags.format });
      },
    );
}

function actions(terminal: Terminal): Command {
  return new Command('actions')
    .description('list the actions of an application')
    .argument('<application>')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .action((application: string, { format }: { format: string }, command: Command) => {
      const charm = charmOf(terminal.open(command), application);
      const list = Object.entries(charm.actions)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { description }]) => [name, description]);
      if (format !== 'tabular') printAs(terminal, format, Object.fromEntries(list));
      else terminal.out(list.length === 0 ? `No actions defined for ${application}.` : tabularActions(list));
    });
}

function showAction(terminal: Terminal): Command {
  return new Command('show-action')
    .description('show an action with its parameters')
    .argument('<application>')
    .argument('<action>')
    .action((application: string, name: string, _flags: object, command: Command) => {
      const spec = charmOf(terminal.open(command), application).actions[name];
      if (spec === undefined) throw new LocalError(`unknown action ${JSON.stringify(name)}`);
      terminal.out(`${spec.description}\n\nArguments\n${goYaml(ordered(spec.schema.properties))}`);
    });
}

function charmOf(model: LocalModel, application: string): Charm {
  const found = model.state().applications[application];
  if (found === undefined) throw new LocalError(`application ${JSON.stringify(application)} not found`);
  return readCharm(`${model.dir}/charms/${found.charm}-${found.charmRevision}`);
}

function tabularActions(list: readonly (readonly string[])[]): string {
  const width = Math.max(6, ...list.map(([name = '']) => name.length));
  return [
    `${'Action'.padEnd(width)}  Description`,
    ...list.map(([name = '', text = '']) => `${name.padEnd(width)}  ${text}`),
  ].join('\n');
}

function operations(terminal: Terminal): Command {
  return new Command('operations')
    .description('list what run and exec have done')
    .addOption(formatOption(['plain', 'yaml', 'json'], 'plain'))
    .action(({ format }: { format: string }, command: Command) => {
      const all = terminal.open(command).state().operations;
      if (format === 'plain') {
        terminal.out(
          all.length === 0
            ? 'no matching operations'
            : all.map(({ id, summary, enqueued }) => `${id}  ${goTime(enqueued).slice(0, 19)}  ${summary}`).join('\n'),
        );
        return;
      }
      printAs(terminal, format, Object.fromEntries(all.map((operation) => [operation.id, operationEntry(operation)])));
    });
}

function showOperation(terminal: Terminal): Command {
  return new Command('show-operation')
    .description('show what an operation did')
    .argument('<id>')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action((id: string, { format }: { format: string }, command: Command) => {
      const operation = terminal
        .open(command)
        .state()
        .operations.find((one) => one.id === id);
      if (operation === undefined) throw new LocalError(`operation ${JSON.stringify(id)} not found`);
      printAs(terminal, format, operationEntry(operation));
    });
}

function showTask(terminal: Terminal): Command {
  return new Command('show-task')
    .description('show what a task did')
    .argument('<id>')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action((id: string, { format }: { format: string }, command: Command) => {
      const task = terminal
        .open(command)
        .state()
        .operations.flatMap(({ tasks }) => tasks)
        .find((one) => one.id === id);
      if (task === undefined) throw new LocalError('id not found');
      printAs(terminal, format, taskEntry(task));
    });
}
