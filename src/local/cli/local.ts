/** `wsgi-charm local`: a Juju model on this computer, with Juju's own verbs. */

import { Command } from 'commander';
import { configCommands } from './config.ts';
import { deployCommands } from './deploy.ts';
import { debugLog } from './log.ts';
import { operationCommands } from './operations.ts';
import { modelOption } from './options.ts';
import { lifeCommands } from './remove.ts';
import { secretCommands } from './secrets.ts';
import { shell } from './shell.ts';
import { statusCommands } from './status.ts';
import type { Terminal } from './terminal.ts';

/** The command group, for the program's command line. Its commands throw LocalError for what the operator can mend. */
export function localCommand(terminal: Terminal): Command {
  const local = new Command('local')
    .description("a Juju model on this computer, with no Juju: deploy, relate and run any charm, with Juju's own verbs")
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
  ];
  for (const verb of verbs) local.addCommand(verb.addOption(modelOption().default(undefined).hideHelp()));
  return local;
}
