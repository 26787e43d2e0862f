/** Takes away what this charm put onto the machine: all of it when the unit goes, and what an interrupted hook left. */
import { dirname } from 'node:path';
import { listDirectory, readFile, removeFile, removeTree } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, disable, listUnits, resetFailed, stop } from '../../system/systemd.ts';
import type { WsgiApi } from '../api.ts';
import { orphaned } from '../owner.ts';
import {
  CERTIFICATES,
  COMMAND_ENVIRONMENT,
  closingUnit,
  ETC,
  EXPORTER,
  EXPORTER_FACTS,
  EXPORTER_PROGRAM,
  EXPORTER_VENV,
  INCOMING,
  LOG_ROTATION,
  OUTPUTS,
  PORTS,
  portOfSocketUnit,
  RUN_PROGRAM,
  SERVICE,
  socketUnit,
  UNITS,
  VENVS,
} from '../paths.ts';
import { hasBuilds } from '../source/builds.ts';
import { endLoan } from './lender.ts';
import { stopServing } from './replace.ts';
import { readServed } from './state.ts';
import { endTrial } from './trial.ts';

/** Stops serving, and does not begin again with the machine. */
export async function stopForGood(machine: Machine): Promise<void> {
  await endTrial(machine);
  const { sockets, unit } = await readServed(machine);
  if (unit === undefined && sockets.length === 0) return;
  const ports = sockets.map(({ port }) => port);
  await stop(machine, ...ports.map((port) => `${closingUnit(port)}.timer`));
  await stopServing(machine);
  await stop(machine, PORTS);
  await disable(machine, ...ports.map(socketUnit), SERVICE);
  await endLoan(machine);
}

/** Removes the exporter, with its virtual environment; what an operator put beside its unit stays. */
export async function removeExporter(machine: Machine): Promise<void> {
  const unit = `${UNITS}/${EXPORTER}`;
  const paths = [EXPORTER_PROGRAM, EXPORTER_FACTS, `${EXPORTER_VENV}.json`];
  if ((await readFile(machine, unit)) !== undefined) {
    await disable(machine, EXPORTER);
    await stop(machine, EXPORTER);
    await removeFile(machine, unit);
    await daemonReload(machine);
    await resetFailed(machine, EXPORTER);
  }
  for (const path of paths) await removeFile(machine, path);
  if ((await listDirectory(machine, EXPORTER_VENV)).length > 0) await removeTree(machine, EXPORTER_VENV);
}

/** Removes units, environment and what else this charm configured. May run without `stop` before it, or never. */
export async function removeAll(machine: Machine): Promise<void> {
  await stopForGood(machine);
  await removeExporter(machine);
  for (const name of await listDirectory(machine, UNITS)) {
    const ours =
      name === SERVICE ||
      portOfSocketUnit(name) !== undefined ||
      /^gunicorn3-[a-z0-9-]+\.(service|socket|timer)$/.test(name);
    if (ours) await removeFile(machine, `${UNITS}/${name}`);
  }
  await removeFile(machine, LOG_ROTATION);
  await removeTree(machine, ETC);
  await removeTree(machine, OUTPUTS);
  await removeFile(machine, RUN_PROGRAM);
  await daemonReload(machine);
}

/**
 * Removes the service of a unit that Juju removed without its hooks stop and remove.
 *
 * @returns whether there was such a unit, whose processes are left to be removed
 */
export async function removeOrphan(api: WsgiApi): Promise<boolean> {
  const left = await orphaned(api);
  if (left === undefined) return false;
  api.juju.log('WARNING', `${left.unit} belonged to ${left.owner}, which is no more on this machine; it is removed`);
  await removeAll(api.machine);
  return true;
}

/** Commands of the operator that still run although the action that started them has ended. */
const COMMANDS = /^(?:gunicorn3-(?:provision|make|run)|pip|gunicorn3-pip)-[0-9a-f]{8}\.service$/;

/** Ends and removes trials, port checks, commands and unpacked archives of hooks before this one. */
export async function sweep(machine: Machine, applicationRoot: string): Promise<void> {
  await endTrial(machine);
  const checks = (await listDirectory(machine, UNITS)).filter((name) => name.startsWith('gunicorn3-check-'));
  if (checks.length > 0) {
    await stop(machine, ...checks);
    for (const name of checks) await removeFile(machine, `${UNITS}/${name}`);
    await daemonReload(machine);
  }
  const commands = (await listUnits(machine, '*-????????.service')).filter((name) => COMMANDS.test(name));
  if (commands.length > 0) await stop(machine, ...commands);
  await removeFile(machine, COMMAND_ENVIRONMENT);
  // Where code is served in place, these are names like any other.
  for (const name of hasBuilds ? ['.incoming', '.incoming.unpacking'] : []) {
    await removeTree(machine, `${applicationRoot}/${name}`);
  }
  await removeHalfWritten(machine, applicationRoot);
  for (const name of await listDirectory(machine, INCOMING)) await removeTree(machine, `${INCOMING}/${name}`);
}

/** Files and links of ours beside the place that they were to take; see writeFile. */
async function removeHalfWritten(machine: Machine, applicationRoot: string): Promise<void> {
  const places: readonly (readonly [string, RegExp])[] = [
    [UNITS, /^\.(?:gunicorn3|wsgi-)[^/]*\.new$/],
    [ETC, /^\..*\.new$/],
    [CERTIFICATES, /^\..*\.new$/],
    [dirname(LOG_ROTATION), /^\.gunicorn3\.new$/],
    [applicationRoot, /^\.(?:current|latest)\.new$/],
    [VENVS, /^\..*\.new$/],
    [`${VENVS}/wheels`, /^\..*\.new$/],
  ];
  for (const [folder, half] of places) {
    const names = (await listDirectory(machine, folder)).filter((name) => half.test(name));
    for (const name of names) await removeFile(machine, `${folder}/${name}`);
  }
}
