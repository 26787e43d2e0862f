/** Processes that stand for those of services: they do nothing, and have the service's environment. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';

export interface Idle {
  readonly child: ChildProcess;
  /** What it was started with, as JSON. */
  readonly environment: string;
}

/** By root and unit, those of services that a run left active: the next run of such a world finds them as they were. */
const parked = new Map<string, Idle>();
const MOST_PARKED = 8;

/** Leaves a process to the next run with the same root. */
export async function park(root: string, unit: string, running: Idle): Promise<void> {
  parked.set(`${root} ${unit}`, running);
  const [oldest] = parked;
  if (parked.size <= MOST_PARKED || oldest === undefined) return;
  parked.delete(oldest[0]);
  await ended(oldest[1]);
}

export function takeParked(root: string, unit: string): Idle | undefined {
  const found = parked.get(`${root} ${unit}`);
  parked.delete(`${root} ${unit}`);
  return found;
}

/** One that was left with this environment, else a new one: to start it costs more than all else of a run. */
export function idle(root: string, unit: string, environment: Readonly<Record<string, string>>): Idle {
  const wanted = JSON.stringify(environment);
  const found = takeParked(root, unit);
  if (found?.environment === wanted && isRunning(found.child)) return found;
  found?.child.kill('SIGKILL');
  // It waits for the end of its input, which comes when this process ends, in whatever way.
  const child = spawn('/bin/cat', { env: { ...environment }, stdio: ['pipe', 'ignore', 'ignore'] });
  child.unref();
  if (child.stdin instanceof Socket) child.stdin.unref();
  return { child, environment: wanted };
}

/** Ends a process, and waits for that: until then other programs still see the process. */
export async function ended(running: Idle | undefined): Promise<void> {
  if (running === undefined || !isRunning(running.child)) return;
  running.child.ref();
  running.child.kill('SIGKILL');
  await once(running.child, 'exit');
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
