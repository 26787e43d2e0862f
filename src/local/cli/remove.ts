/** integrate, remove-relation, remove-unit, remove-application, resolved, expose. */

import { Command, Option } from 'commander';
import { openModel, out } from './context.ts';

export function lifeCommands(): Command[] {
  return [
    integrate(),
    removeRelation(),
    removeUnit(),
    removeApplication(),
    resolved(),
    expose('expose', true),
    expose('unexpose', false),
  ];
}

function integrate(): Command {
  return new Command('integrate')
    .alias('relate')
    .description('relate two applications')
    .argument('<application[:endpoint]>')
    .argument('<application[:endpoint]>')
    .action(async (first: string, second: string, _flags: object, command: Command) => {
      await openModel(command).integrate(first, second);
    });
}

function removeRelation(): Command {
  return new Command('remove-relation')
    .description('end the relation of two applications')
    .argument('<application[:endpoint]>')
    .argument('<application[:endpoint]>')
    .action(async (first: string, second: string, _flags: object, command: Command) => {
      await openModel(command).removeRelation(first, second);
    });
}

/** Juju's own ask first; here the option is taken and nothing is asked. */
function noPrompt(): Option {
  return new Option('--no-prompt').hideHelp();
}

function removeUnit(): Command {
  return new Command('remove-unit')
    .description('remove units')
    .argument('<unit...>')
    .addOption(noPrompt())
    .action(async (units: string[], _flags: object, command: Command) => {
      const model = openModel(command);
      for (const unit of units) out(`will remove unit ${unit}`);
      await model.removeUnit(...units);
    });
}

function removeApplication(): Command {
  return new Command('remove-application')
    .description('remove applications with their units and relations')
    .argument('<application...>')
    .addOption(noPrompt())
    .action(async (applications: string[], _flags: object, command: Command) => {
      const model = openModel(command);
      await model.together(async () => {
        for (const application of applications) {
          const units = await model.removeApplication(application);
          out(`will remove application ${application}`);
          for (const unit of units) out(`- will remove unit ${unit}`);
        }
      });
    });
}

function resolved(): Command {
  return new Command('resolved')
    .alias('resolve')
    .description('run a failed hook again, or give it up')
    .argument('<unit...>')
    .option('--no-retry', 'go on without it')
    .action(async (units: string[], { retry }: { retry: boolean }, command: Command) => {
      const model = openModel(command);
      for (const unit of units) await model.resolved(unit, { retry });
    });
}

function expose(name: 'expose' | 'unexpose', exposed: boolean): Command {
  return new Command(name)
    .description(exposed ? 'let an application be reached from outside' : 'take that back')
    .argument('<application>')
    .action(async (application: string, _flags: object, command: Command) => {
      await openModel(command).expose(application, exposed);
    });
}
