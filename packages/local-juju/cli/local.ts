/** `wsgi-charm local`: a Juju model on this computer, with Juju's own verbs. */

import { Command } from 'commander';
import { LocalError } from '../model/local-error.ts';
import { configCommands } from './config.ts';
import { deployCommands } from './deploy.ts';
import { debugLog } from './log.ts';
import { operationCommands } from './operations.ts';
import { modelOption } from './options.ts';
import { lifeCommands } from './remove.ts';
import { secretCommands } from './secrets.ts';
import { shell } from './shell.ts';
import { snapshot } from './snapshot.ts';
import { statusCommands } from './status.ts';
import type { Terminal } from './terminal.ts';

/** The command group, for the program's command line. Its commands throw LocalError for what the operator can mend. */
export function localCommand(terminal: Terminal): Command {
  const local = new Command('local')
    .description("a Juju model on this computer, with no Juju: deploy, relate and run any charm, with Juju's own verbs")
    .enablePositionalOptions()
    .addOption(modelOption());
  const verbs = [
    ...deployCommands(terminal),
    ...configCommands(terminal),
    ...lifeCommands(terminal),
    ...operationCommands(terminal),
    ...statusCommands(terminal),
    debugLog(terminal),
    ...secretCommands(terminal),
    shell(terminal),
    snapshot(terminal),
  ];
  for (const verb of verbs) local.addCommand(inJujusWords(verb.addOption(modelOption().default(undefined).hideHelp())));
  return local;
}

/** What is wrong with the arguments, as Juju says it; the exit code is 2. */
function inJujusWords(command: Command): Command {
  return command.configureOutput({ outputError: () => undefined }).exitOverride((error) => {
    if (error.exitCode === 0) throw error;
    const option = /unknown option '([^']*)'/.exec(error.message)?.[1];
    if (option !== undefined) throw new LocalError(`option provided but not defined: ${option}`, 2);
    throw new LocalError(error.message.replace(/^error: /, ''), 2);
  });
}
