/** systemctl and journalctl over a few services. An active service has a process, and answers HTTP, once someone looks. */
import type { ProgramResult } from '../program.ts';
import type { Service } from '../state.ts';
import { createStandIns, type StandIns } from './stand-ins.ts';
import { readUnit, serviceEnvironment, unitPath } from './unit-file.ts';

export interface Systemd {
  systemctl(args: readonly string[]): Promise<ProgramResult>;
  journalctl(args: readonly string[]): ProgramResult;
  read(): Record<string, Service>;
  end(): Promise<void>;
}

const STOPPED: Service = { active: false, enabled: false };

export function createSystemd(services: Readonly<Record<string, Service>>, root: string): Systemd {
  const units = new Map(Object.entries(services));
  const standIns = createStandIns(root, (unit) => units.get(unit));
  return {
    systemctl: (args) => systemctl(units, standIns, root, parse(args)),
    journalctl: (args) => {
      const unit = args[args.indexOf('-u') + 1] ?? '';
      const failure = units.get(unit)?.startFails;
      return { stdout: failure === undefined ? '' : `${failure}\n` };
    },
    read: () => Object.fromEntries([...units].filter(([unit, known]) => known !== STOPPED || unitPath(root, unit))),
    end: () => standIns.end(),
  };
}

interface Command {
  readonly verb: string;
  readonly units: readonly string[];
  readonly properties: readonly string[];
  readonly now: boolean;
}

function parse(args: readonly string[]): Command {
  const properties = args.flatMap((arg, index) => {
    if (args[index - 1] === '-p') return arg.split(',');
    return arg.startsWith('--property=') ? arg.slice('--property='.length).split(',') : [];
  });
  const words = args.filter((arg, index) => !arg.startsWith('-') && args[index - 1] !== '-p');
  const [verb = '', ...units] = words;
  return { verb, units: units.map(fullName), properties, now: args.includes('--now') };
}

function fullName(unit: string): string {
  return /\.(service|socket|timer|target|path|slice)$|\*/.test(unit) ? unit : `${unit}.service`;
}

type Units = Map<string, Service>;

async function systemctl(units: Units, standIns: StandIns, root: string, command: Command): Promise<ProgramResult> {
  const { verb, now } = command;
  const known = (unit: string) => units.has(unit) || unitPath(root, unit) !== undefined;
  const change = (unit: string, part: Partial<Service>) => units.set(unit, { ...STOPPED, ...units.get(unit), ...part });
  const missing = command.units.find((unit) => !known(unit));
  const start = async (): Promise<ProgramResult> => {
    if (missing !== undefined) return { code: 5, stderr: `Failed to ${verb} ${missing}: Unit ${missing} not found.\n` };
    for (const unit of command.units) {
      await standIns.stop(unit);
      const failure = units.get(unit)?.startFails;
      change(unit, { active: failure === undefined, ...environmentOf(root, unit) });
      if (failure !== undefined) {
        return { code: 1, stderr: `Job for ${unit} failed because the control process exited with error code.\n` };
      }
      await standIns.listen(unit);
    }
    return {};
  };
  switch (verb) {
    case 'start':
    case 'restart':
      return start();
    case 'stop':
      for (const unit of command.units) {
        await standIns.stop(unit);
        if (known(unit)) change(unit, { active: false });
      }
      return missing === undefined
        ? {}
        : { code: 5, stderr: `Failed to stop ${missing}: Unit ${missing} not loaded.\n` };
    case 'enable':
    case 'disable':
      if (missing !== undefined)
        return { code: 1, stderr: `Failed to ${verb} unit: Unit file ${missing} does not exist.\n` };
      for (const unit of command.units)
        change(unit, { enabled: verb === 'enable', ...(now ? { active: verb === 'enable' } : {}) });
      return {};
    case 'is-active':
      return command.units.every((unit) => units.get(unit)?.active === true)
        ? { stdout: 'active\n' }
        : { code: 3, stdout: 'inactive\n' };
    case 'is-enabled':
      return command.units.every((unit) => units.get(unit)?.enabled === true)
        ? { stdout: 'enabled\n' }
        : { code: 1, stdout: 'disabled\n' };
    case 'list-units':
      return {
        stdout: [...units]
          .filter(([unit]) => command.units.some((pattern) => fits(unit, pattern)))
          .map(([unit, { active }]) => `${unit} loaded ${active ? 'active running' : 'inactive dead'} ${unit}\n`)
          .join(''),
      };
    case 'show': {
      const blocks = [];
      for (const unit of command.units) blocks.push(await show(units, standIns, root, unit, command.properties));
      return { stdout: blocks.join('\n') };
    }
    default:
      return {};
  }
}

function environmentOf(root: string, unit: string): Partial<Service> {
  return unit.endsWith('.service') ? { environment: serviceEnvironment(readUnit(root, unit)) } : {};
}

async function show(
  units: Units,
  standIns: StandIns,
  root: string,
  unit: string,
  wanted: readonly string[],
): Promise<string> {
  const { active, enabled, startFails } = units.get(unit) ?? STOPPED;
  const path = unitPath(root, unit);
  const failed = !active && startFails !== undefined;
  const socket = unit.endsWith('.socket');
  const properties: Readonly<Record<string, () => string | Promise<string>>> = {
    Id: () => unit,
    LoadState: () => (path === undefined && !units.has(unit) ? 'not-found' : 'loaded'),
    ActiveState: () => (active ? 'active' : failed ? 'failed' : 'inactive'),
    SubState: () => (active ? (socket ? 'listening' : 'running') : failed ? 'failed' : 'dead'),
    Result: () => (failed ? 'exit-code' : 'success'),
    UnitFileState: () => (path === undefined ? '' : enabled ? 'enabled' : 'disabled'),
    FragmentPath: () => path ?? '',
    NRestarts: () => '0',
    MainPID: () => String(active && !socket ? standIns.pid(unit) : 0),
    Listen: async () => (active && socket ? `${await standIns.address(unit)} (Stream)` : ''),
  };
  const lines = [];
  for (const name of wanted) lines.push(`${name}=${(await properties[name]?.()) ?? ''}\n`);
  return lines.join('');
}

function fits(unit: string, pattern: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`).test(unit);
}
