/** deploy, refresh, attach-resource, resources, add-unit, add-model, destroy. */

import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'commander';
import { load } from 'js-yaml';
import * as z from 'zod';
import { LocalModel } from '../local-model.ts';
import { MACHINE_KINDS, type MachineKind } from '../machines.ts';
import { LocalError } from '../model/local-error.ts';
import { BASE } from '../view/model-status.ts';
import { collect, formatOption, pairs, printAs } from './options.ts';
import { table } from './table.ts';
import { modelOf, type Terminal } from './terminal.ts';

interface DeployFlags {
  readonly config?: readonly string[];
  readonly resource?: readonly string[];
  readonly numUnits: string;
  readonly to?: string;
  readonly machine?: MachineKind;
  readonly juju?: string;
}

function machineOption(): Option {
  return new Option('--machine <kind>', 'of a new model: sandbox needs no root, nspawn boots a real Debian').choices([
    ...MACHINE_KINDS,
  ]);
}

function jujuOption(): Option {
  return new Option('--juju <version>', 'of a new model: the version of Juju that it behaves as');
}

export function deployCommands(terminal: Terminal): Command[] {
  return [
    deploy(terminal),
    refresh(terminal),
    addUnit(terminal),
    attachResource(terminal),
    resources(terminal),
    addModel(terminal),
    destroy(terminal),
  ];
}

function deploy(terminal: Terminal): Command {
  return new Command('deploy')
    .description('deploy a charm: a folder or a .charm file')
    .argument('<charm>', 'path of the charm')
    .argument('[application]', 'name of the application')
    .option('--config <key=value|file>', 'an option, or a YAML file of options', collect)
    .option('--resource <name=file>', 'a file for a resource of the charm', collect)
    .option('-n, --num-units <number>', 'number of units', '1')
    .option('--to <machines>', 'numbers of machines, with commas between them')
    .addOption(machineOption())
    .addOption(jujuOption())
    .addOption(new Option('--base <base>').hideHelp())
    .action(async (charm: string, name: string | undefined, flags: DeployFlags, command: Command) => {
      const model = await openOrCreate(terminal, command, flags);
      await model.deploy(
        charm,
        {
          application: name,
          config: deployConfig(flags.config ?? [], name),
          resources: pairs(flags.resource ?? []),
          units: Number(flags.numUnits),
          to: flags.to?.split(','),
        },
        {
          onLocated: ({ charm: { name: located }, revision }) =>
            terminal.note(`Located local charm "${located}", revision ${revision}`),
          onDeploying: (called, { charm: { name: located }, revision }) =>
            terminal.note(
              `Deploying "${called}" from local charm "${located}", revision ${revision} on ${BASE.name}@${BASE.channel}/stable`,
            ),
        },
      );
    });
}

/** The model of `--model`, made now when there is none. */
async function openOrCreate(
  terminal: Terminal,
  command: Command,
  { machine, juju }: { readonly machine?: MachineKind; readonly juju?: string },
): Promise<LocalModel> {
  const name = modelOf(command);
  const dir = terminal.modelDir(name);
  if (!LocalModel.exists(dir)) {
    await LocalModel.create({
      dir,
      name: /^[a-z0-9-]+$/.test(name) ? name : 'local',
      machine: machine ?? 'sandbox',
      jujuVersion: juju,
    });
  } else if (machine !== undefined || juju !== undefined) {
    terminal.note(`--machine and --juju count when a model is made; model ${JSON.stringify(name)} is there already`);
  }
  return terminal.open(command);
}

const ConfigFile = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.record(z.string(), z.unknown())]),
);

/** `--config k=v`, `--config k=@file` and `--config FILE.yaml` (options at the top, or under the application's name). */
function deployConfig(args: readonly string[], application: string | undefined): Record<string, string> {
  const values: Record<string, string> = {};
  for (const arg of args) {
    if (existsSync(arg)) Object.assign(values, fromFile(arg, application));
    else Object.assign(values, expandFiles(pairs([arg])));
  }
  return values;
}

export function fromFile(path: string, application: string | undefined): Record<string, string> {
  const parsed = ConfigFile.safeParse(load(readText(path)));
  if (!parsed.success) throw new LocalError(`${path}: ${z.prettifyError(parsed.error)}`);
  const sections = Object.entries(parsed.data).filter(([, value]) => typeof value === 'object');
  const chosen = sections.find(([name]) => name === application) ?? (sections.length === 1 ? sections[0] : undefined);
  const options = chosen === undefined ? parsed.data : z.record(z.string(), z.unknown()).parse(chosen[1]);
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, String(value)]));
}

/** @throws LocalError when it cannot be read */
function readText(path: string): string {
  if (!existsSync(path)) throw new LocalError(`open ${path}: no such file or directory`);
  return readFileSync(path, 'utf8');
}

/** `key=@path` takes the file's content. */
export function expandFiles(values: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      if (!value.startsWith('@')) return [key, value];
      const path = value.slice(1);
      if (!existsSync(path))
        throw new LocalError(
          `cannot read option from file ${JSON.stringify(path)}: open ${path}: no such file or directory`,
        );
      return [key, readFileSync(path, 'utf8')];
    }),
  );
}

function refresh(terminal: Terminal): Command {
  return new Command('refresh')
    .description('put another revision of its charm on an application')
    .argument('<application>')
    .option('--path <path>', 'folder or file of the charm; where it came from unless given')
    .option('--force-units', 'also on units in error')
    .option('--resource <name=file>', 'a file for a resource of the charm', collect)
    .option('--config <key=value|file>', 'options to set', collect)
    .action(
      async (
        application: string,
        flags: { path?: string; forceUnits?: boolean; resource?: string[]; config?: string[] },
        command: Command,
      ) => {
        const model = terminal.open(command);
        await model.together(async () => {
          await model.refresh(
            application,
            {
              path: flags.path,
              forceUnits: flags.forceUnits === true,
              resources: pairs(flags.resource ?? []),
            },
            {
              onAdded: (added) =>
                terminal.note(`Added local charm "${added.charm.name}", revision ${added.revision}, to the model`),
              onRefreshing: ({ charm: { endpoints } }) =>
                terminal.note(
                  `no change to endpoints in space "alpha": ${Object.keys(endpoints).toSorted().join(', ')}`,
                ),
            },
          );
          const config = deployConfig(flags.config ?? [], application);
          if (Object.keys(config).length > 0) await model.config(application, config);
        });
      },
    );
}

function addUnit(terminal: Terminal): Command {
  return new Command('add-unit')
    .description('add units to an application')
    .argument('<application>')
    .option('-n, --num-units <number>', 'number of units', '1')
    .option('--to <machines>', 'numbers of machines, with commas between them')
    .action(async (application: string, flags: { numUnits: string; to?: string }, command: Command) => {
      await terminal.open(command).addUnit(application, Number(flags.numUnits), flags.to?.split(',') ?? []);
    });
}

function attachResource(terminal: Terminal): Command {
  return new Command('attach-resource')
    .description('give an application another file for a resource')
    .argument('<application>')
    .argument('<name=file>')
    .action(async (application: string, pair: string, _flags: object, command: Command) => {
      const [[name, path] = ['', '']] = Object.entries(pairs([pair]));
      await terminal.open(command).attachResource(application, name, path);
    });
}

function resources(terminal: Terminal): Command {
  return new Command('resources')
    .description('show the resources of an application')
    .argument('<application>')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .action((application: string, { format }: { format: string }, command: Command) => {
      const found = terminal.open(command).state().applications[application];
      if (found === undefined) throw new LocalError(`application ${JSON.stringify(application)} not found`);
      const all = Object.entries(found.resources);
      if (format === 'tabular') {
        const rows = all.map(([name, { timestamp }]) => [name, 'admin', timestamp.slice(0, 16)]);
        terminal.out(
          all.length === 0 ? 'No resources to display.' : table(['Resource', 'Supplied by', 'Revision'], rows),
        );
        return;
      }
      const entries = all.map(([name, { revision, fingerprint, size, timestamp }]) => {
        return {
          name,
          type: 'file',
          revision: String(revision),
          fingerprint,
          size,
          origin: 'upload',
          used: true,
          timestamp,
          username: 'admin',
        };
      });
      printAs(terminal, format, { resources: entries });
    });
}

function addModel(terminal: Terminal): Command {
  return new Command('add-model')
    .description('make an empty model')
    .argument('<model>')
    .addOption(machineOption())
    .addOption(jujuOption())
    .option('--config <key=value>', 'an option of the model', collect)
    .option(
      '--quirks',
      'with the oddities of Juju 4.0.14, such as a config-changed that comes twice, or a folder that is refused',
    )
    .action(
      async (name: string, flags: { machine?: MachineKind; juju?: string; config?: string[]; quirks?: boolean }) => {
        await LocalModel.create({
          dir: terminal.modelDir(name),
          name: /^[a-z0-9-]+$/.test(name) ? name : 'local',
          machine: flags.machine ?? 'sandbox',
          quirks: flags.quirks === true,
          modelConfig: pairs(flags.config ?? []),
          jujuVersion: flags.juju,
        });
        terminal.note(`Added '${name}' model; use it with --model ${name}`);
      },
    );
}

function destroy(terminal: Terminal): Command {
  return new Command('destroy')
    .alias('destroy-model')
    .description('end everything that the model runs and remove it')
    .argument('[model]')
    .addOption(new Option('--no-prompt').hideHelp())
    .action(async (name: string | undefined, _flags: object, command: Command) => {
      const dir = terminal.modelDir(name ?? modelOf(command));
      if (!LocalModel.exists(dir)) throw new LocalError(`model ${JSON.stringify(name ?? modelOf(command))} not found`);
      await LocalModel.open(resolve(dir)).destroy();
      terminal.note('Model destroyed.');
    });
}
