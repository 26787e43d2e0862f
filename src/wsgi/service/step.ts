/** What has to be done so that the wanted service serves: a decision, and nothing else. */
import type { Served } from './state.ts';

export interface StepInput {
  readonly served: Served;
  readonly wanted: { readonly generation: string; readonly port: number };
  /** What of it was changed by hand. */
  readonly changed: readonly string[];
  /** How the process that runs is not as it was started. */
  readonly drift: string | undefined;
  /** A hook was ended between putting a service in place and seeing that it stays. */
  readonly unproven: boolean;
  /** This charm started the service before, so that one found stopped was stopped by somebody. */
  readonly startedBefore: boolean;
  /** Somebody asked for the service by name: it is started even if it was stopped by hand. */
  readonly startStopped: boolean;
}

/**
 * - `none`: it serves as wanted.
 * - `stopped`: somebody stopped it, and it stays so.
 * - `restart`: what runs is as wanted and is started once more, to listen on another port or to start with the machine.
 * - `replace`: another one is tried, and takes its place.
 */
export type Step = 'none' | 'stopped' | 'restart' | 'replace';

export function nextStep(input: StepInput): Step {
  const { served, wanted, changed, drift, unproven, startedBefore, startStopped } = input;
  const asWanted =
    served.pid !== undefined && served.generation === wanted.generation && changed.length === 0 && drift === undefined;
  const listens = served.sockets.some((socket) => socket.port === wanted.port && socket.active);
  if (asWanted && listens && served.enabled) return 'none';
  if (stoppedByHand(served) && startedBefore && !startStopped && !unproven) return 'stopped';
  return asWanted ? 'restart' : 'replace';
}

/** Whether an operator stopped the service: it is enabled and complete, and does not run. */
function stoppedByHand(served: Served): boolean {
  return served.unit !== undefined && served.enabled && served.state === 'inactive' && served.result === 'success';
}
