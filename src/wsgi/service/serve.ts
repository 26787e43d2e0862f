/** Closes the difference between what is wanted and what serves. */
import type { Machine } from '../../system/machine.ts';
import { isActive } from '../../system/systemd.ts';
import { SERVICE } from '../paths.ts';
import { blocked } from '../status.ts';
import type { DesiredService } from '../unit/unit-file.ts';
import { answersAndStays, type Stayed } from './health.ts';
import { forgetPrevious, isUnproven, removeOldEnvironments, stopServing, takePlace } from './replace.ts';
import { checkPort, retireSockets } from './sockets.ts';
import { addressOf, readServed, type Served } from './state.ts';
import { trial } from './trial.ts';

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
  const asWanted = served.pid !== undefined && served.generation === wanted.generation;
  const listens = served.sockets.some((socket) => socket.port === wanted.port && socket.active);
  if (asWanted && listens && served.enabled) {
    if (unproven) await proveNow(machine, wanted, served);
    else await removeOldEnvironments(machine, wanted);
    return retireSockets(machine, served, wanted.port, false);
  }
  if (stoppedByHand(served) && options.startedBefore && !options.startStopped && !unproven) {
    blocked(`${SERVICE} was stopped by hand; start it with systemctl start ${SERVICE}`);
  }
  if (!holds(served, wanted.port)) await checkPort(machine, wanted, wanted.port);
  if (!asWanted && !options.revoked) await tryOut(machine, wanted, served, options.log);
  const fallBack = !options.revoked;
  const stayed = await takePlace(machine, wanted, served, { fallBack });
  if (!stayed.ok) blocked(sentence(wanted, stayed));
  return retireSockets(machine, await readServed(machine), wanted.port, true);
}

/** The port is ours already; a socket unit that is down holds it only as long as the service has what it handed over. */
function holds(served: Served, port: number): boolean {
  return served.sockets.some((socket) => socket.port === port && (socket.active || served.pid !== undefined));
}

/** Enabled, whole, and not running: nobody but a person does that. */
function stoppedByHand(served: Served): boolean {
  return served.unit !== undefined && served.enabled && served.state === 'inactive' && served.result === 'success';
}

/** The hook that put it in place was ended before it saw it stay. */
async function proveNow(machine: Machine, wanted: DesiredService, served: Served): Promise<void> {
  const address = addressOf(served, wanted.port);
  const { healthPath, startTimeout, settleTime } = wanted;
  const stayed =
    address === undefined
      ? undefined
      : await answersAndStays(machine, { unit: SERVICE, address, healthPath, startTimeout, settleTime });
  if (stayed?.ok) await forgetPrevious(machine, wanted);
  else if (stayed !== undefined) blocked(sentence(wanted, stayed));
}

/** Throws when the trial fails, unless what runs now fails alike: then there is nothing to protect from the change. */
async function tryOut(
  machine: Machine,
  wanted: DesiredService,
  served: Served,
  log: (line: string) => void,
): Promise<void> {
  const tried = await trial(machine, wanted);
  if (tried.ok) return;
  if (tried.kind === 'sandbox') throw new SandboxRefused(tried.reason);
  const running = served.pid === undefined ? undefined : await lookAt(machine, wanted, served);
  if (running !== undefined && !running.ok && running.kind === tried.kind) {
    log(`${sentence(wanted, tried)}; the running one fails alike, so it is replaced`);
    return;
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
    startTimeout: 5,
    settleTime: 0,
  });
}

function sentence(wanted: DesiredService, failed: Stayed & { readonly ok: false }): string {
  const said = wanted.notThere(failed.reason) ?? ordinary(wanted, failed.reason);
  return `${said}${wanted.consequence}`;
}

function ordinary(wanted: DesiredService, reason: string): string {
  const mend = wanted.notInstalled(reason);
  return `${wanted.failure}: ${wanted.mask(reason)}${mend === undefined ? '' : `; ${mend}`}`;
}
