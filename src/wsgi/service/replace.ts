/**
 * Puts a service in the place of the one that serves. systemd holds the sockets meanwhile, so clients wait and none is
 * refused. What served before is kept until the new one has proven itself, and comes back when it does not.
 */
import { listDirectory, readFile, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, enable, resetFailed, restart, stop, type UnitResult } from '../../system/systemd.ts';
import { ETC, environmentPath, isStaticFilesConfig, PREVIOUS, SERVICE, socketUnit, UNITS } from '../paths.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { endBridge, healthAddress } from './bridge.ts';
import { answersAndStays, type Stayed } from './health.ts';
import { lastWords } from './last-words.ts';
import { closeSocket, keepSocket } from './sockets.ts';
import { addressOf, readServed, type Served } from './state.ts';

const UNIT_FILE = `${UNITS}/${SERVICE}`;

/** Whether a hook was ended between putting a service in place and seeing that it stays. */
export async function isUnproven(machine: Machine): Promise<boolean> {
  return (await readFile(machine, PREVIOUS)) !== undefined;
}

export interface Change {
  /** Whether what served before comes back when the new one fails; without it a failing one is stopped. */
  readonly fallBack: boolean;
  /** The processes of what is wanted have been seen to stay the same: it has to answer, and to stay so for a moment. */
  readonly settled: boolean;
}

/** Seconds for which something that has settled before has to stay the same. */
const MOMENT = 1;

/** Writes the units and (re)starts the service on the wanted port, and on those that are still open. */
export async function takePlace(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  { fallBack, settled }: Change,
): Promise<Stayed> {
  await keepPrevious(machine, served);
  await writeUnits(machine, wanted);
  await keepSocket(machine, wanted.port);
  const begun = await begin(machine, wanted);
  const stayed = begun.ok
    ? await proves(machine, wanted, settled ? Math.min(MOMENT, wanted.settleTime) : wanted.settleTime)
    : ({ ok: false, kind: 'died', reason: (await lastWords(machine, SERVICE)) || begun.reason } as const);
  if (stayed.ok) await forgetPrevious(machine, wanted);
  else if (fallBack) await comeBack(machine, wanted);
  else await stopServing(machine);
  if (stayed.ok) await endBridge(machine);
  return stayed;
}

/** The unit that serves now and has proven itself, unless one is kept already: then this one has not. */
async function keepPrevious(machine: Machine, served: Served): Promise<void> {
  if (await isUnproven(machine)) return;
  const proven = served.pid !== undefined ? (served.unit ?? '') : '';
  await writeFile(machine, PREVIOUS, proven, { mode: 0o644 });
}

export async function writeEnvironment(machine: Machine, wanted: DesiredService): Promise<void> {
  await writeFile(machine, environmentPath(wanted.generation), wanted.environment, { mode: 0o600 });
}

async function writeUnits(machine: Machine, wanted: DesiredService): Promise<void> {
  await writeEnvironment(machine, wanted);
  for (const [path, content] of wanted.files) await writeFile(machine, path, content, { mode: 0o644 });
  await writeFile(machine, `${UNITS}/${socketUnit(wanted.port)}`, wanted.socketUnit(wanted.port), { mode: 0o644 });
  await writeFile(machine, UNIT_FILE, wanted.unit, { mode: 0o644 });
}

/**
 * One transaction of systemd: the service stops, a new socket starts (never while its service runs), the service starts.
 * In steps of our own a waiting client would start the service again before the new socket could.
 */
async function begin(machine: Machine, wanted: DesiredService): Promise<UnitResult> {
  await enable(machine, SERVICE, socketUnit(wanted.port));
  await daemonReload(machine);
  await resetFailed(machine, SERVICE, socketUnit(wanted.port));
  return restart(machine, SERVICE);
}

async function proves(machine: Machine, wanted: DesiredService, settleTime: number): Promise<Stayed> {
  const address = (await healthAddress(machine)) ?? addressOf(await readServed(machine), wanted.port);
  if (address === undefined) return { ok: false, kind: 'silent', reason: `nothing listens on port ${wanted.port}` };
  const { healthPath, startTimeout } = wanted;
  return answersAndStays(machine, { unit: SERVICE, address, healthPath, startTimeout, settleTime });
}

/** Called when the running service is as wanted and has proven itself. */
export async function forgetPrevious(machine: Machine, wanted: DesiredService): Promise<void> {
  await removeFile(machine, PREVIOUS);
  await removeOldEnvironments(machine, wanted);
}

/** Old environments may hold passwords that have been replaced. They go once no unit that needs one can come back. */
async function removeOldEnvironments(machine: Machine, wanted: DesiredService): Promise<void> {
  const kept = environmentPath(wanted.generation);
  for (const name of await listDirectory(machine, ETC)) {
    const path = `${ETC}/${name}`;
    if (name.startsWith('environment-') && path !== kept) await removeFile(machine, path);
    if (isStaticFilesConfig(name) && !wanted.files.has(path)) await removeFile(machine, path);
  }
}

/** Puts the unit that was kept back in place; where there was none, nothing is left that would start again and again. */
async function comeBack(machine: Machine, wanted: DesiredService): Promise<void> {
  const failedPort = wanted.port;
  const previous = await readFile(machine, PREVIOUS);
  if (previous === undefined || previous === '') {
    await stopServing(machine);
    return;
  }
  await writeFile(machine, UNIT_FILE, previous, { mode: 0o644 });
  const others = (await readServed(machine)).sockets.filter((socket) => socket.port !== failedPort && socket.active);
  if (others.length > 0) await closeSocket(machine, failedPort);
  await daemonReload(machine);
  await resetFailed(machine, SERVICE);
  await restart(machine, SERVICE);
  await removeFile(machine, PREVIOUS);
  // Until it answers again the bridge does; where it does not, the next hook that finds it well ends the bridge.
  const address = await healthAddress(machine);
  const { healthPath, startTimeout } = wanted;
  const back =
    address && (await answersAndStays(machine, { unit: SERVICE, address, healthPath, startTimeout, settleTime: 0 }));
  if (back === undefined || back.ok) await endBridge(machine);
}

/** Sockets first, so that a proxy's check sees it; then the service. */
export async function stopServing(machine: Machine): Promise<void> {
  const { sockets } = await readServed(machine);
  await stop(machine, ...sockets.map((socket) => socketUnit(socket.port)), SERVICE);
  await endBridge(machine);
}
