/** systemd of the machine under test: units as a state has them, changed by systemctl. */

import type { Clock } from '../../../src/system/index.ts';
import type { ProgramResult } from '../program.ts';
import type { Service } from '../state.ts';
import { showUnits } from './show-units.ts';
import { createStandIns } from './stand-ins.ts';
import { startUnits } from './start-units.ts';
import { namedUnits, readUnit, socketFiles, unitFiles } from './unit-file.ts';
import { type Command, change, exists, type Units } from './units.ts';

export interface Systemd {
  systemctl(args: readonly string[]): Promise<ProgramResult>;
  journalctl(args: readonly string[]): ProgramResult;
  read(): Record<string, Service>;
  /** Time has passed: what was to die by now is dead. */
  passTime(): Promise<void>;
  /** Ends what stands for the services. */
  end(): Promise<void>;
}

export function createSystemd(services: Readonly<Record<string, Service>>, root: string, clock: Clock): Systemd {
  const known = new Map(Object.entries(services));
  const standIns = createStandIns(root, clock, (unit) => known.get(unit));
  const units: Units = { root, services: known, given: new Set(known.keys()), standIns, clock, started: new Map() };
  return {
    systemctl: async (args) => systemctl(units, parse(args)),
    journalctl: (args) => {
      const service = known.get(fullName(args[args.indexOf('-u') + 1] ?? ''));
      if (service?.failed !== true) return { stdout: '' };
      const lines = String(service.startFails ?? service.dies?.saying).split('\n');
      const count = args.includes('-n') ? Number(args[args.indexOf('-n') + 1]) : lines.length;
      return { stdout: `${lines.slice(-count).join('\n')}\n` };
    },
    read: () => Object.fromEntries([...known].sort(([a], [b]) => (a < b ? -1 : 1))),
    passTime: async () => {
      for (const [unit, { active, dies }] of known) {
        if (!active || dies === undefined) continue;
        if (clock.now() < (units.started.get(unit) ?? 0) + dies.after * 1000) continue;
        await standIns.stop(unit);
        change(units, unit, { active: false, failed: true });
      }
    },
    end: () => standIns.end(),
  };
}

function parse(args: readonly string[]): Command {
  const properties = args.flatMap((arg, index) => {
    if (args[index - 1] === '-p') return arg.split(',');
    return arg.startsWith('--property=') ? arg.slice('--property='.length).split(',') : [];
  });
  const [verb = '', ...units] = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-p');
  return { verb, units: units.map(fullName), properties, now: args.includes('--now') };
}

function fullName(unit: string): string {
  return /\.(service|socket|timer|target|path|slice)$|\*/.test(unit) ? unit : `${unit}.service`;
}

type Verb = (units: Units, command: Command) => ProgramResult | Promise<ProgramResult>;

const VERBS: Readonly<Record<string, Verb>> = {
  start: startUnits,
  restart: startUnits,
  'try-restart': (units, command) =>
    startUnits(units, { ...command, units: command.units.filter((unit) => units.services.get(unit)?.active === true) }),
  stop,
  enable: (units, command) => setEnabled(units, command, true),
  disable: (units, command) => setEnabled(units, command, false),
  'is-active': ({ services }, { units }) =>
    answer(
      units.every((unit) => services.get(unit)?.active),
      3,
      'active',
    ),
  'is-enabled': ({ services }, { units }) =>
    answer(
      units.every((unit) => services.get(unit)?.enabled),
      1,
      'enabled',
    ),
  'reset-failed': (units, command) => {
    for (const unit of command.units) if (units.services.has(unit)) change(units, unit, { failed: false });
    return {};
  },
  'daemon-reload': (units) => {
    for (const [unit, { active }] of units.services) if (!active && !exists(units, unit)) units.services.delete(unit);
    return {};
  },
  'list-units': ({ services }, { units }) => {
    const listed = [...services].filter(([unit]) => units.some((pattern) => fits(unit, pattern)));
    return {
      stdout: listed
        .map(([unit, { active }]) => `${unit} loaded ${active ? 'active' : 'inactive'} - ${unit}\n`)
        .join(''),
    };
  },
  show: showUnits,
};

function systemctl(units: Units, command: Command): ProgramResult | Promise<ProgramResult> {
  return VERBS[command.verb]?.(units, command) ?? {};
}

async function stop(units: Units, { units: names }: Command): Promise<ProgramResult> {
  const missing = names.find((unit) => !exists(units, unit) && !units.services.has(unit));
  for (const unit of names.flatMap((name) => [name, ...stoppedWith(units, name)])) {
    await units.standIns.stop(unit);
    if (units.services.has(unit)) change(units, unit, { active: false });
  }
  return missing === undefined ? {} : { code: 5, stderr: `Failed to stop ${missing}: Unit ${missing} not loaded.\n` };
}

/** Units to which a stop is propagated, and the sockets that their ExecStop= closes. */
function stoppedWith({ root }: Units, unit: string): string[] {
  const propagated = unitFiles(root).filter((name) => {
    return namedUnits(readUnit(root, name), 'StopPropagatedFrom').includes(unit);
  });
  const closed = propagated.flatMap((name) => {
    const commands = (readUnit(root, name).get('ExecStop') ?? []).join(' ');
    const patterns = [...commands.matchAll(/[^\s'"]+\.socket(?=['"\s;]|$)/g)].map(([pattern]) => pattern);
    return socketFiles(root).filter((socket) => patterns.some((pattern) => fits(socket, pattern)));
  });
  return [...propagated, ...closed];
}

async function setEnabled(units: Units, command: Command, enabled: boolean): Promise<ProgramResult> {
  const missing = command.units.find((unit) => !exists(units, unit));
  if (missing !== undefined) {
    return { code: 1, stderr: `Failed to ${command.verb} unit: Unit file ${missing} does not exist.\n` };
  }
  for (const unit of command.units) change(units, unit, { enabled });
  if (!command.now) return {};
  return enabled ? startUnits(units, command) : stop(units, command);
}

function answer(yes: boolean, otherwise: number, word: string): ProgramResult {
  return yes ? { stdout: `${word}\n` } : { code: otherwise, stdout: `not ${word}\n` };
}

function fits(unit: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(unit);
}
