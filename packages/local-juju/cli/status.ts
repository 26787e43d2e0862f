/** status, show-unit, show-application, show-status-log, machines. */

import { watch } from 'node:fs';
import { Command } from 'commander';
import { LocalModel } from '../local-model.ts';
import { needApplication, needUnit } from '../model/applications.ts';
import { shortTime } from '../model/clock.ts';
import type { ModelStatus } from '../view/model-status.ts';
import { showApplication, showUnit } from '../view/show.ts';
import { tabularStatus } from '../view/tabular-status.ts';
import { formatOption, printAs } from './options.ts';
import { table } from './table.ts';
import type { Terminal } from './terminal.ts';

export function statusCommands(terminal: Terminal): Command[] {
  return [
    status(terminal),
    showUnitCommand(terminal),
    showApplicationCommand(terminal),
    showStatusLog(terminal),
    machines(terminal),
  ];
}

function painter({ colors }: Terminal): (text: string) => string {
  const paints: Readonly<Record<string, (text: string) => string>> = {
    active: colors.green,
    started: colors.green,
    idle: colors.gray,
    executing: colors.cyan,
    maintenance: colors.yellow,
    waiting: colors.yellow,
    allocating: colors.yellow,
    unknown: colors.gray,
    blocked: colors.red,
    error: colors.red,
  };
  return (text) => paints[text]?.(text) ?? text;
}

interface StatusFlags {
  readonly format: string;
  readonly relations?: boolean;
  readonly watch?: string | boolean;
}

function status(terminal: Terminal): Command {
  return new Command('status')
    .description('show the model: applications, units, machines')
    .argument('[filter...]', 'applications or units')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .option('--relations', 'show relations too')
    .option('--watch [time]', 'show it again at every change')
    .action(async (filters: string[], flags: StatusFlags, command: Command) => {
      const model = terminal.open(command);
      const show = async () => render(terminal, filtered(await model.status(), filters), flags);
      if (flags.watch === undefined) terminal.out(await show());
      else await watchStatus(terminal, model.dir, show);
    });
}

function render(terminal: Terminal, shown: ModelStatus, { format, relations }: StatusFlags): string {
  if (format === 'tabular')
    return tabularStatus(shown, { table, paint: painter(terminal), relations: relations === true });
  const { integrations: _integrations, ...document } = shown;
  printAs(terminal, format, document);
  return '';
}

/** Applications that are named, or that have a unit that is; with the machines of what is left. */
function filtered(all: ModelStatus, filters: readonly string[]): ModelStatus {
  if (filters.length === 0) return all;
  const wanted = (name: string) => filters.some((filter) => filter === name || filter.split('/')[0] === name);
  const kept = Object.entries(all.applications).filter(
    ([name, { units }]) =>
      wanted(name) ||
      Object.values(units ?? {}).some(({ subordinates }) =>
        Object.keys(subordinates ?? {}).some((unit) => wanted(unit.split('/')[0] ?? '')),
      ),
  );
  const used = new Set(kept.flatMap(([, { units }]) => Object.values(units ?? {}).map(({ machine }) => machine)));
  return {
    ...all,
    applications: Object.fromEntries(kept),
    machines: Object.fromEntries(Object.entries(all.machines).filter(([id]) => used.has(id))),
    integrations: all.integrations.filter(({ provider, requirer }) =>
      [provider, requirer].some((end) => wanted(end.split(':')[0] ?? '')),
    ),
  };
}

/** Until Ctrl-C, or until the model goes. */
async function watchStatus(terminal: Terminal, dir: string, show: () => Promise<string>): Promise<void> {
  const again = async () => {
    const text = await show();
    terminal.out(terminal.isTerminal ? `\x1b[2J\x1b[H${text}` : text);
  };
  await again();
  const watcher = watch(dir);
  const stop = () => watcher.close();
  process.once('SIGINT', stop);
  let timer: NodeJS.Timeout | undefined;
  watcher.on('change', (_event, file) => {
    if (String(file) !== 'model.json') return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (LocalModel.exists(dir)) again().catch(stop);
      else stop();
    }, 50);
  });
  await new Promise((resolve) => watcher.once('close', resolve));
  clearTimeout(timer);
}

function showUnitCommand(terminal: Terminal): Command {
  return new Command('show-unit')
    .description('show a unit with its relations and their data')
    .argument('<unit...>')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action((units: string[], { format }: { format: string }, command: Command) => {
      const state = terminal.open(command).state();
      printAs(
        terminal,
        format,
        Object.fromEntries(units.map((name) => [needUnit(state, name).name, showUnit(state, needUnit(state, name))])),
      );
    });
}

function showApplicationCommand(terminal: Terminal): Command {
  return new Command('show-application')
    .description('show an application')
    .argument('<application...>')
    .addOption(formatOption(['yaml', 'json'], 'yaml'))
    .action(async (names: string[], { format }: { format: string }, command: Command) => {
      const model = terminal.open(command);
      const state = model.state();
      const { applications } = await model.status();
      printAs(
        terminal,
        format,
        Object.fromEntries(
          names.map((name) => [name, showApplication(needApplication(state, name), applications[name])]),
        ),
      );
    });
}

interface LogFlags {
  readonly format: string;
  readonly n: string;
  readonly type: string;
}

function showStatusLog(terminal: Terminal): Command {
  return new Command('show-status-log')
    .description('show the past statuses of a unit')
    .argument('<unit>')
    .option('-n <number>', 'how many', '20')
    .option('--type <type>', 'unit (both), workload or juju-unit', 'unit')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .action((name: string, { format, n, type }: LogFlags, command: Command) => {
      const { history } = needUnit(terminal.open(command).state(), name);
      const entries = history.filter((entry) => type === 'unit' || entry.type === type).slice(-Number(n));
      if (format === 'tabular') {
        const rows = entries.map((entry) => [
          shortTime(entry.since),
          entry.type,
          painter(terminal)(entry.status),
          entry.message,
        ]);
        terminal.out(table(['Time', 'Type', 'Status', 'Message'], rows));
        return;
      }
      printAs(
        terminal,
        format,
        entries.map(({ status: current, message, since, type: of }) => ({
          status: current,
          message: message || undefined,
          since,
          type: of,
        })),
      );
    });
}

function machines(terminal: Terminal): Command {
  return new Command('machines')
    .description('show the machines')
    .addOption(formatOption(['tabular', 'json', 'yaml'], 'tabular'))
    .action(async ({ format }: { format: string }, command: Command) => {
      const all = await terminal.open(command).status();
      if (format !== 'tabular') {
        printAs(terminal, format, { model: all.model.name, machines: all.machines });
        return;
      }
      const rows = Object.entries(all.machines).map(([id, machine]) => [
        id,
        painter(terminal)(machine['juju-status'].current),
        machine['dns-name'],
        machine['instance-id'],
        `${machine.base.name}@${machine.base.channel}`,
        '',
        machine['machine-status'].message ?? '',
      ]);
      terminal.out(table(['Machine', 'State', 'Address', 'Inst id', 'Base', 'AZ', 'Message'], rows));
    });
}
