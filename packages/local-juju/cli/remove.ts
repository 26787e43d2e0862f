/** integrate, remove-relation, remove-unit, remove-application, resolved, expose. */

import { Command, Option } from 'commander';
import type { Terminal } from './terminal.ts';

export function lifeCommands(terminal: Terminal): Command[] {
  return [
    integrate(terminal),
    removeRelation(terminal),
    removeUnit(terminal),
    removeApplication(terminal),
    resolved(terminal),
    expose(terminal, 'expose', true),
    expose(terminal, 'unexpose', false),
  ];
}

function integrate(terminal: Terminal): Command {
  return new Command('integrate')
    .alias('relate')
    .description('relate two applications')
    .argument('<application[:endpoint]>')
    .argument('<application[:endpoint]>')
    .action(async (first: string, second: string, _flags: object, command: Command) => {
      await terminal.open(command).integrate(first, second);
    });
}

function removeRelation(terminal: Terminal): Command {
  return new Command('remove-relation')
    .description('end the relation of two applications')
    .argument('<application[:endpoint]>')
    .argument('<application[:endpoint]>')
    .action(async (first: string, second: string, _flags: object, command: Command) => {
      await terminal.open(command).removeRelation(first, second);
    });
}

/** Juju's own ask first; here the option is taken and nothing is asked. */
function noPrompt(): Option {
  return new Option('--no-prompt').hideHelp();
}

function removeUnit(terminal: Terminal): Command {
  return new Command('remove-unit')
    .description('remove units')
    .argument('<unit...>')
    .addOption(noPrompt())
    .action(async (units: string[], _flags: object, command: Command) => {
      const model = terminal.open(command);
      for (const unit of units) terminal.out(`will remove unit ${unit}`);
      await model.removeUnit(...units);
    });
}

function removeApplication(terminal: Terminal): Command {
  return new Command('remove-application')
    .description('remove applications with their units and relations')
    .argument('<application...>')
    .addOption(noPrompt())
    .action(async (applications: string[], _flags: object, command: Command) => {
      const model = terminal.open(command);
      await model.together(async () => {
        for (const application of applications) {
          const units = await model.removeApplication(application);
          terminal.out(`will remove application ${application}`);
          for (const unit of units) terminal.out(`- will remove unit ${unit}`);
        }
      });
    });
}

function resolved(terminal: Terminal): Command {
  return new Command('resolved')
    .alias('resolve')
    .description('run a failed hook again, or give it up')
    .argument('<unit...>')
    .option('--no-retry', 'go on without it')
    .action(async (units: string[], { retry }: { retry: boolean }, command: Command) => {
      const model = terminal.open(command);
      for (const unit of units) await model.resolved(unit, { retry });
    });
}

function expose(terminal: Terminal, name: 'expose' | 'unexpose', exposed: boolean): Command {
  return new Command(name)
    .description(exposed ? 'let an application be reached from outside' : 'take that back')
    .argument('<application>')
    .action(async (application: string, _flags: object, command: Command) => {
      await terminal.open(command).expose(application, exposed);
    });
}
