/** Reference of the command line, from the commands themselves. */
import type { Command } from 'commander';
import { buildCommands } from '../../packages/charm-build/commands.ts';
import { localCommand } from '../../packages/local-juju/cli/local.ts';
import { processTerminal } from '../../packages/local-juju/cli/terminal.ts';
import { code, page, table } from './text.ts';

/** The commands that make charms, and the verbs of the local model. */
export function commands(): { readonly build: readonly Command[]; readonly local: Command } {
  return { build: buildCommands(), local: localCommand(processTerminal()) };
}

export function commandsPage(): string {
  return page(
    'Commands that make charms',
    'packages/charm-build/commands.ts',
    'In a clone of this repository `npx wsgi-charm` is the program; in a charm made by `wsgi-charm init` it is there too.',
    ...commands().build.map((command) => section(command, 'npx wsgi-charm')),
  );
}

export function localPage(): string {
  const { local } = commands();
  return page(
    'Verbs of the local model',
    'packages/local-juju/cli',
    `${code('npx wsgi-charm local VERB')}: ${local.description()}. The verbs, their options and what they print are those of ${code('juju')} where it has them.`,
    optionTable(local),
    ...local.commands.map((command) => section(command, 'npx wsgi-charm local')),
  );
}

function section(command: Command, program: string): string {
  const names = [command.name(), ...command.aliases()];
  const usage = `${program} ${command.name()} ${command.usage()}`.replace('[options] ', '');
  const sentence = `${command.description().charAt(0).toUpperCase()}${command.description().slice(1)}.`;
  return [`## ${names.join(', ')}`, code(usage), sentence, argumentTable(command), optionTable(command)]
    .filter((part) => part !== '')
    .join('\n\n');
}

function argumentTable(command: Command): string {
  const rows = command.registeredArguments
    .filter((argument) => argument.description !== '')
    .map((argument) => [code(argument.name()), argument.description]);
  return rows.length === 0 ? '' : table(['argument', 'meaning'], rows);
}

function optionTable(command: Command): string {
  const rows = command.options
    .filter((option) => !option.hidden)
    .map((option) => [
      code(option.flags),
      [
        option.description,
        // Which architecture is the default is a matter of the computer.
        option.argChoices === undefined ? '' : `one of ${option.argChoices.map(code).join(', ')}`,
        option.envVar === undefined ? '' : `from the environment: ${code(option.envVar)}`,
      ]
        .filter((part) => part !== '')
        .join('; '),
    ]);
  return rows.length === 0 ? '' : table(['option', 'meaning'], rows);
}

/** Reads words as the command would, and runs nothing. @returns what is wrong with them */
export function misfit(command: Command, words: readonly string[]): string | undefined {
  try {
    const { operands, unknown } = command.exitOverride().parseOptions([...words]);
    if (unknown.length > 0) return `${command.name()} has no option ${unknown[0]}`;
    const required = command.registeredArguments.filter((argument) => argument.required);
    return operands.length < required.length ? `${command.name()} wants ${command.usage()}` : undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
