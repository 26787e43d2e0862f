#!/usr/bin/env node
/** `wsgi-charm`: what charm authors and operators type. */
import { Command, CommanderError } from 'commander';
import { buildCommands } from '../packages/charm-build/commands.ts';
import { CharmError } from '../packages/charm-build/index.ts';
import { LocalError, localCommand, processTerminal } from '../packages/local-juju/cli/index.ts';

const terminal = processTerminal();
const program = new Command('wsgi-charm')
  .description('Makes charms that serve WSGI applications, and tries them out.')
  // Options belong to the command before them: those of a command on a machine come last, and are its own.
  .enablePositionalOptions();
for (const command of [...buildCommands(), localCommand(terminal)]) program.addCommand(command);

try {
  await program.parseAsync();
  if (terminal.exitCode !== 0) process.exitCode = terminal.exitCode;
} catch (error) {
  // What an author can mend is a sentence; anything else is a defect of ours, with its trace.
  if (error instanceof LocalError) {
    console.error(`ERROR ${error.message}`);
    process.exitCode = error.code;
  } else if (error instanceof CharmError) {
    console.error(error.message);
    process.exitCode = 1;
  } else if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
  } else throw error;
}
