/** Closes the difference between what is wanted and what serves. */
import type { Machine } from '../../system/machine.ts';
import { isActive } from '../../system/systemd.ts';
import { SERVICE } from '../paths.ts';
import { blocked } from '../status.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { crossBridge, endBridge, healthAddress, openHealthSocket, startBridge } from './bridge.ts';
import { changedByHand, loadsOtherwise, processDrift } from './drift.ts';
import { answersAndStays, PATIENCE, type Stayed, stillServes } from './health.ts';
import { isLent } from './lender.ts';
import { forgetPrevious, isUnproven, stopServing, takePlace, writeEnvironment } from './replace.ts';
import { checkPort, retireSockets } from './sockets.ts';
import { addressOf, readServed, type Served } from './state.ts';
import { nextStep } from './step.ts';
import { type Tried, trial } from './trial.ts';

/** The machine cannot give the service the sandbox that its unit asks for. */
export class SandboxRefused extends Error {
  override readonly name = 'SandboxRefused';
}

export interface ServeOptions {
  /** This charm started the service before, so that one found stopped was stopped by somebody. */
  readonly startedBefore: boolean;
  /** Somebody asked for the service by name: it is started even if it was stopped by hand. */
  readonly startStopped: boolean;
  /** The running service must not go on as it is: its credentials are gone. */
  readonly revoked: boolean;
  readonly log: (line: string) => void;
  /** A trial that is not made again. */
  readonly tried: Tried | undefined;
  /** Called when the wanted service has been tried, before it takes its place; what it throws leaves the old one in place. */
  readonly beforeReplacing: () => Promise<void>;
}

/**
 * Makes the wanted service the one that serves: tried beside it first, then put in its place, with its predecessor
 * ready to come back.
 *
 * @param served what serves before
 * @returns what serves then
 * @throws Problem that names what is new, and why it does not serve
 */
export async function serve(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  options: ServeOptions,
): Promise<Served> {
  const unproven = await isUnproven(machine);
  const changed = await foundChanged(machine, wanted, served);
  for (const what of changed) options.log(`${what} was changed by hand: it is put right`);
  const drift = processDrift(machine, wanted, served);
  if (drift !== undefined)
    options.log(`the process of ${SERVICE} is not as it was started: ${drift}; it is started anew`);
  const step = nextStep({ served, wanted, changed, drift, unproven, ...options });
  if (step === 'none') {
    await proveNow(machine, wanted, served, unproven);
    await endBridge(machine);
    return retireSockets(machine, served, wanted.port, false);
  }
  if (step === 'stopped') blocked(`${SERVICE} was stopped by hand; start it with systemctl start ${SERVICE}`);
  if (!holds(served, wanted.port)) await checkPort(machine, wanted, wanted.port);
  const settled = !options.revoked && (await prepareChange(machine, wanted, served, step === 'restart', options));
  try {
    await options.beforeReplacing();
  } catch (error) {
    if (served.pid !== undefined) await endBridge(machine);
    throw error;
  }
  // Whoever the port is lent to answers there too.
  if (await isLent(machine)) await openHealthSocket(machine);
  const stayed = await takePlace(machine, wanted, served, { fallBack: !options.revoked, settled });
  if (!stayed.ok) blocked(sentence(wanted, stayed));
  return retireSockets(machine, await readServed(machine), wanted.port, true);
}

/** What of the service was changed by hand, once systemd has read its files; what is replaced anyway is not looked at. */
async function foundChanged(machine: Machine, wanted: DesiredService, served: Served): Promise<string[]> {
  if (served.generation !== wanted.generation) return [];
  const changed = await changedByHand(machine, wanted, served);
  if (changed.length > 0 || !(await loadsOtherwise(machine, served))) return changed;
  return [`what systemd has loaded of ${SERVICE}`];
}

/** The port is ours already; a socket unit that is down holds it only as long as the service has what it handed over. */
function holds(served: Served, port: number): boolean {
  return served.sockets.some((socket) => socket.port === port && (socket.active || served.pid !== undefined));
}

/** What runs was started as wanted: it has to answer, and to stay if it was not seen to do so, or died since. */
async function proveNow(machine: Machine, wanted: DesiredService, served: Served, unproven: boolean): Promise<void> {
  const address = (await healthAddress(machine)) ?? addressOf(served, wanted.port);
  if (address === undefined) return;
  const { healthPath, startTimeout, settleTime } = wanted;
  const stayed = unproven
    ? await answersAndStays(machine, { unit: SERVICE, address, healthPath, startTimeout, settleTime })
    : await stillServes(machine, served, address, wanted);
  if (stayed.ok) return forgetPrevious(machine, wanted);
  blocked(unproven ? sentence(wanted, stayed) : `${SERVICE} runs and does not serve: ${wanted.mask(stayed.reason)}`);
}

/**
 * Tries what is new, and has what serves now answer meanwhile.
 *
 * @returns whether the processes of what is wanted have stayed the same for the time to settle
 */
async function prepareChange(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  asWanted: boolean,
  { log, tried }: ServeOptions,
): Promise<boolean> {
  const bridge = async () => {
    const unit = wanted.isPredecessorLost ? wanted.unit : served.unit;
    if (unit === undefined || !isOfSameUser(unit, wanted.unit)) return;
    if (wanted.isPredecessorLost) await writeEnvironment(machine, wanted);
    await startBridge(machine, { unit, served, log });
  };
  const known = asWanted ? 'now' : tried?.generation === wanted.generation ? tried.when : undefined;
  const settled = known === undefined ? await tryOut(machine, wanted, served, bridge, log) : known === 'now';
  if (known !== undefined) await bridge();
  await crossBridge(machine, wanted.healthPath, wanted.startTimeout, log);
  return settled;
}

/** A unit with another user is not what this charm started, or not what may go on. */
function isOfSameUser(unit: string, wanted: string): boolean {
  const users = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^(?:User|Group)=/.test(line))
      .join();
  return users(unit) === users(wanted);
}

/**
 * Whether the trial went well.
 *
 * @returns false where it did not, and what runs now fails alike: then there is nothing to protect from the change
 * @throws Problem when it fails otherwise
 */
async function tryOut(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  answered: () => Promise<void>,
  log: (line: string) => void,
): Promise<boolean> {
  const tried = await trial(machine, wanted, answered);
  if (tried.ok) return true;
  if (served.pid !== undefined) await endBridge(machine);
  if (tried.kind === 'sandbox') throw new SandboxRefused(tried.reason);
  const running = served.pid === undefined ? undefined : await lookAt(machine, wanted, served);
  if (running !== undefined && !running.ok && running.kind === tried.kind) {
    log(`${sentence(wanted, tried)}; the running one fails alike, so it is replaced`);
    return false;
  }
  if (served.pid === undefined && (await isActive(machine, SERVICE)) === false) await stopServing(machine);
  blocked(sentence(wanted, tried));
}

function lookAt(machine: Machine, wanted: DesiredService, served: Served): Promise<Stayed> | undefined {
  const address = served.sockets.map(({ port }) => addressOf(served, port)).find((one) => one !== undefined);
  if (address === undefined) return undefined;
  return answersAndStays(machine, {
    unit: SERVICE,
    address,
    healthPath: wanted.healthPath,
    startTimeout: PATIENCE,
    settleTime: 0,
  });
}

function sentence(wanted: DesiredService, failed: Stayed & { readonly ok: false }): string {
  const said = wanted.wrongModule(failed.reason) ?? ordinary(wanted, failed.reason);
  return `${said}${wanted.consequence}`;
}

function ordinary(wanted: DesiredService, reason: string): string {
  const mend = wanted.notInstalled(reason);
  return `${wanted.failure}: ${wanted.mask(reason)}${mend === undefined ? '' : `; ${mend}`}`;
}
