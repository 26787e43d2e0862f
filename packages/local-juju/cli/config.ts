/** config and model-config. */

import { Command } from 'commander';
import type { LocalModel } from '../local-model.ts';
import { readCharm } from '../model/charm.ts';
import { LocalError } from '../model/local-error.ts';
import { expandFiles, fromFile } from './deploy.ts';
import { collect, formatOption, printAs } from './options.ts';
import type { Terminal } from './terminal.ts';

export function configCommands(terminal: Terminal): Command[] {
  return [config(terminal), modelConfig(terminal), advance(terminal)];
}

interface ConfigFlags {
  readonly reset?: readonly string[];
  readonly file?: string;
  readonly format?: 'json' | 'yaml';
}

function config(terminal: Terminal): Command {
  return new Command('config')
    .description('show or set the options of an application')
    .argument('<application>')
    .argument('[option...]', 'NAME to show one, NAME=VALUE or NAME=@FILE to set')
    .option('--reset <names>', 'back to the defaults, names with commas between them', collect)
    .option('--file <file>', 'a YAML file of options')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action(async (application: string, args: string[], flags: ConfigFlags, command: Command) => {
      const model = terminal.open(command);
      const reset = (flags.reset ?? []).flatMap((names) => names.split(','));
      const sets = args.filter((arg) => arg.includes('='));
      const [shown, ...more] = args.filter((arg) => !arg.includes('='));
      if (more.length > 0) throw new LocalError('can only retrieve a single value', 2);
      const values = {
        ...(flags.file === undefined ? {} : fromFile(flags.file, application)),
        ...expandFiles(
          Object.fromEntries(sets.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)])),
        ),
      };
      await model.together(async () => {
        if (reset.length > 0) await model.resetConfig(application, ...reset);
        if (Object.keys(values).length > 0) await model.config(application, values);
      });
      if (reset.length + Object.keys(values).length > 0) return;
      if (shown === undefined) showAll(terminal, model, application, flags.format ?? 'yaml');
      else showOne(terminal, model, application, shown);
    });
}

function showOne(terminal: Terminal, model: LocalModel, application: string, name: string): void {
  const config = model.getConfig(application);
  if (!Object.hasOwn(config, name)) {
    throw new LocalError(
      `key ${JSON.stringify(name)} not found in ${JSON.stringify(application)} application config or charm settings.`,
    );
  }
  terminal.out(`${config[name] ?? ''}\n`);
}

function showAll(terminal: Terminal, model: LocalModel, application: string, format: string): void {
  const found = model.state().applications[application];
  if (found === undefined) throw new LocalError(`application ${JSON.stringify(application)} not found`);
  const { options } = readCharm(`${model.dir}/charms/${found.charm}-${found.charmRevision}`);
  const settings = Object.entries(options)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, option]) => {
      const set = found.config[name];
      const source = set !== undefined ? 'user' : option.default === undefined ? 'unset' : 'default';
      return [
        name,
        {
          default: option.default,
          description: option.description,
          source,
          type: option.type,
          value: source === 'unset' ? undefined : (set ?? option.default),
        },
      ];
    });
  const trust = {
    default: false,
    description: 'Does this application have access to trusted credentials',
    source: 'default',
    type: 'bool',
    value: false,
  };
  printAs(terminal, format, {
    application,
    'application-config': { trust },
    charm: found.charm,
    settings: Object.fromEntries(settings),
  });
}

function modelConfig(terminal: Terminal): Command {
  return new Command('model-config')
    .description('show or set the options of the model')
    .argument('[option...]', 'NAME to show one, NAME=VALUE to set')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action(async (args: string[], { format }: { format: string }, command: Command) => {
      const model = terminal.open(command);
      const sets = args.filter((arg) => arg.includes('='));
      if (sets.length > 0) {
        const values = sets.map((arg) => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]);
        await model.modelConfig(Object.fromEntries(values));
        return;
      }
      const { modelConfig: config } = model.state();
      const [name] = args;
      if (name === undefined) printAs(terminal, format, config);
      else if (config[name] === undefined)
        throw new LocalError(`key ${JSON.stringify(name)} not found in model config`);
      else terminal.out(config[name] ?? '');
    });
}

/** Not a verb of Juju's: there time passes by itself. */
function advance(terminal: Terminal): Command {
  return new Command('advance')
    .description(
      'put the clock of the model forward: retries, update-status and the life of secrets come as they fall due',
    )
    .argument('<time>', 'such as 5m or 1h30m')
    .action(async (time: string, _flags: object, command: Command) => {
      await terminal.open(command).advance(time);
    });
}
