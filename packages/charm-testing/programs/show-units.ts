/** systemctl show: the properties of units that charms ask for; any other is empty. */
import type { ProgramResult } from '../program.ts';
import { unitPath } from './unit-file.ts';
import { type Command, exists, STOPPED, type Units } from './units.ts';

export async function showUnits(units: Units, command: Command): Promise<ProgramResult> {
  const blocks: string[] = [];
  for (const unit of command.units) {
    const lines: string[] = [];
    for (const name of command.properties) lines.push(`${name}=${await property(units, unit, name)}\n`);
    blocks.push(lines.join(''));
  }
  return { stdout: blocks.join('\n') };
}

/** SubState of what is active, where it is not `running`. */
const ACTIVE: Readonly<Record<string, string>> = { socket: 'listening', timer: 'waiting' };

function kindOf(unit: string): string {
  return unit.slice(unit.lastIndexOf('.') + 1);
}

function property(units: Units, unit: string, name: string): string | Promise<string> {
  const { active, enabled, failed = false } = units.services.get(unit) ?? STOPPED;
  const path = unitPath(units.root, unit);
  const socket = unit.endsWith('.socket');
  switch (name) {
    case 'Id':
      return unit;
    case 'LoadState':
      return exists(units, unit) ? 'loaded' : 'not-found';
    case 'ActiveState':
      return active ? 'active' : failed ? 'failed' : 'inactive';
    case 'SubState':
      return active ? (ACTIVE[kindOf(unit)] ?? 'running') : failed ? 'failed' : 'dead';
    case 'Result':
      return failed ? 'exit-code' : 'success';
    case 'UnitFileState':
      return path === undefined ? '' : enabled ? 'enabled' : 'disabled';
    case 'FragmentPath':
      return path ?? '';
    case 'NRestarts':
      return '0';
    case 'MainPID':
      return String(active && !socket ? units.standIns.pid(unit) : 0);
    case 'Listen':
      return active && socket ? listen(units, unit) : '';
    default:
      return '';
  }
}

async function listen(units: Units, unit: string): Promise<string> {
  return `${await units.standIns.address(unit)} (Stream)`;
}
