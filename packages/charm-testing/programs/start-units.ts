/** systemctl start and restart: a service starts the sockets that belong to it first. */
import type { ProgramResult } from '../program.ts';
import { namedUnits, readUnit, serviceEnvironment, serviceOf, socketFiles, type UnitSettings } from './unit-file.ts';
import { type Command, change, exists, type Units } from './units.ts';

export async function startUnits(units: Units, { verb, units: names }: Command): Promise<ProgramResult> {
  const missing = names.find((unit) => !exists(units, unit));
  if (missing !== undefined) return { code: 5, stderr: `Failed to ${verb} ${missing}: Unit ${missing} not found.\n` };
  for (const unit of names) {
    const refused = unit.endsWith('.socket') ? startSocket(units, unit) : await startService(units, unit);
    if (refused !== undefined) return refused;
  }
  return {};
}

/** A socket does not start while its service runs: the service would not have it. */
function startSocket(units: Units, socket: string): ProgramResult | undefined {
  if (units.services.get(socket)?.active === true) return undefined;
  const service = serviceOf(units.root, socket);
  if (units.services.get(service)?.active === true) {
    return { code: 1, stderr: `Job failed. ${socket}: Socket service ${service} already active, refusing.\n` };
  }
  change(units, socket, { active: true });
  return undefined;
}

async function startService(units: Units, service: string): Promise<ProgramResult | undefined> {
  const settings = readUnit(units.root, service);
  await units.standIns.stop(service);
  for (const socket of wantedSockets(units, service, settings)) change(units, socket, { active: true });
  units.started.set(service, units.clock.now());
  const failed = fails(units, service);
  change(units, service, { active: !failed, failed, environment: serviceEnvironment(settings) });
  if (failed) {
    return { code: 1, stderr: `Job for ${service} failed because the control process exited with error code.\n` };
  }
  await units.standIns.listen(service);
  return undefined;
}

function fails({ services }: Units, unit: string): boolean {
  return services.get(unit)?.startFails !== undefined;
}

/** Those that the service names, and those that were enabled for it. */
function wantedSockets(units: Units, service: string, settings: UnitSettings): string[] {
  const named = namedUnits(settings, 'Sockets', 'Requires', 'Wants').filter((unit) => unit.endsWith('.socket'));
  const enabled = socketFiles(units.root).filter((socket) => {
    return (
      units.services.get(socket)?.enabled === true &&
      namedUnits(readUnit(units.root, socket), 'WantedBy').includes(service)
    );
  });
  return [...named, ...enabled].filter((unit) => exists(units, unit) && !fails(units, unit));
}
