/**
 * Brings the processes in line with what is wanted. What ran before is kept until the whole release has proven itself, and
 * comes back when a process of the new one does not stay.
 */
import * as z from 'zod/mini';
import { listDirectory, readFile, removeFile, writeFile } from '../../system/files.ts';
import type { Machine } from '../../system/machine.ts';
import { daemonReload, disable, enable, resetFailed } from '../../system/systemd.ts';
import { ownerOf } from '../owner.ts';
import { ETC, PREVIOUS_PROCESSES, PROCESS_ENVIRONMENT, UNITS } from '../paths.ts';
import { lastWords } from '../service/last-words.ts';
import { SandboxRefused } from '../service/serve.ts';
import { blocked, Problem } from '../status.ts';
import { processOf } from '../unit/process-unit.ts';
import type { DesiredProcesses } from './desired-processes.ts';
import { restartAndWait, stopAndWait } from './jobs.ts';
import { type Plan, planProcesses } from './plan.ts';
import { type ProcessState, processFiles, readProcesses } from './state.ts';
import { type Ended, stay } from './stay.ts';

/** A process of a release does not stay, so that the release is refused. */
export class DoesNotStay extends Problem {}

export interface ReplaceOptions {
  readonly leads: boolean;
  /** Somebody asked for the application by name: what was stopped by hand is started. */
  readonly startStopped: boolean;
  /** Whether a process that does not stay refuses the release, and what ran before comes back. */
  readonly fallBack: boolean;
}

/**
 * Makes the wanted processes those that run. Called again for the same ones it does nothing.
 *
 * @returns what is to be said to the operator, and keeps nothing from going on
 * @throws DoesNotStay that names the process
 * @throws SandboxRefused where the machine refuses a process its sandbox
 */
export async function replaceProcesses(
  machine: Machine,
  wanted: DesiredProcesses,
  options: ReplaceOptions,
): Promise<Problem[]> {
  const state = await readProcesses(
    machine,
    wanted.processes.flatMap(({ units }) => units),
  );
  if (wanted.processes.length === 0 && state.files.size === 0) return [];
  await checkOwners(machine, wanted);
  const plan = planProcesses({ processes: wanted.processes, state, ...options });
  const unproven = (await previous(machine)) !== undefined;
  const problems = [
    ...plan.stopped.map(
      (unit) => new Problem('blocked', `${unit} was stopped by hand; start it with systemctl start ${unit}`),
    ),
    ...(await describe(machine, wanted, plan.failing)),
  ];
  const changes = [plan.write.size, plan.remove.length, plan.stop.length, plan.start.length, plan.enable.length];
  if (!unproven && changes.every((count) => count === 0)) return problems;
  if (!unproven) await keepPrevious(machine, state);
  const refused = await carryOut(machine, wanted, plan);
  const begun = unproven ? [...new Set([...plan.start, ...running(state)])] : plan.start;
  const ended =
    refused ??
    (await stay(
      machine,
      begun.filter((unit) => unit.endsWith('.service') && belongs(wanted, unit)),
      wanted.settleTime,
    ));
  if (ended === undefined) return problems;
  if (ended.sandbox) {
    await bringBack(machine);
    throw new SandboxRefused(ended.reason);
  }
  // One that did not run before either is not the new release's fault: there is nothing to protect from the change.
  const [problem] = await describe(machine, wanted, [ended.unit]);
  if (problem === undefined) return problems;
  if (!options.fallBack || plan.down.includes(ended.unit)) return [...problems, problem];
  await bringBack(machine);
  throw new DoesNotStay('blocked', `${wanted.thing} does not start: ${problem.message}`);
}

function running({ units }: ProcessState): string[] {
  return [...units].filter(([, { pid }]) => pid !== undefined).map(([unit]) => unit);
}

function belongs({ processes }: DesiredProcesses, unit: string): boolean {
  return processes.some(({ units }) => units.includes(unit));
}

async function checkOwners(machine: Machine, { owner, processes }: DesiredProcesses): Promise<void> {
  for (const name of processes.flatMap(({ files }) => [...files.keys()])) {
    const text = await readFile(machine, `${UNITS}/${name}`);
    if (text === undefined || ownerOf(text) === owner) continue;
    blocked(`${name} on this machine is not of this unit; remove ${UNITS}/${name}, or give the process another name`);
  }
}

/** What is to be said of processes that end. */
async function describe(machine: Machine, { mask }: DesiredProcesses, units: readonly string[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const unit of units) {
    const words = mask(await lastWords(machine, unit));
    const name = processOf(unit)?.name ?? unit;
    problems.push(
      new Problem('blocked', `process ${name} does not stay: ${words === '' ? 'it exits without a word' : words}`),
    );
  }
  return problems;
}

/** @returns the unit that could not be started, and why */
async function carryOut(machine: Machine, wanted: DesiredProcesses, plan: Plan): Promise<Ended | undefined> {
  await writeFile(machine, wanted.environmentPath, wanted.environment, { mode: 0o600 });
  for (const [path, text] of wanted.files) await writeFile(machine, path, text, { mode: 0o644 });
  if (plan.stop.length > 0) {
    await disable(machine, ...plan.stop.filter((unit) => unit.endsWith('.service')));
    await stopAndWait(machine, plan.stop);
  }
  for (const [name, text] of plan.write) await writeFile(machine, `${UNITS}/${name}`, text, { mode: 0o644 });
  for (const name of plan.remove) await removeFile(machine, `${UNITS}/${name}`);
  await daemonReload(machine);
  if (plan.enable.length > 0) await enable(machine, ...plan.enable);
  if (plan.start.length === 0) return undefined;
  await resetFailed(machine, ...plan.start);
  await restartAndWait(machine, plan.start);
  return undefined;
}

/** Called once the release serves: what ran before it is not needed any more, and its environment may hold old passwords. */
export async function keepProcesses(machine: Machine, wanted: DesiredProcesses): Promise<void> {
  await removeFile(machine, PREVIOUS_PROCESSES);
  for (const name of await listDirectory(machine, ETC)) {
    const path = `${ETC}/${name}`;
    const old =
      path.startsWith(PROCESS_ENVIRONMENT) && (path !== wanted.environmentPath || wanted.processes.length === 0);
    if (old) await removeFile(machine, path);
  }
}

/** Puts the processes back that ran before a release which is refused; without one to refuse it does nothing. */
export async function bringBack(machine: Machine): Promise<void> {
  const before = await previous(machine);
  if (before === undefined) return;
  const state = await readProcesses(machine);
  const names = new Set(Object.keys(before.files));
  const stopped = [...state.units.keys()].filter((unit) => !before.running.includes(unit));
  await disable(machine, ...stopped.filter((unit) => unit.endsWith('.service') && !before.enabled.includes(unit)));
  await stopAndWait(machine, stopped);
  for (const [name, text] of Object.entries(before.files))
    await writeFile(machine, `${UNITS}/${name}`, text, { mode: 0o644 });
  for (const name of state.files.keys()) if (!names.has(name)) await removeFile(machine, `${UNITS}/${name}`);
  await daemonReload(machine);
  if (before.enabled.length > 0) await enable(machine, ...before.enabled);
  await resetFailed(machine, ...before.running);
  const others = before.running.filter(
    (unit) => unit.endsWith('.timer') || state.units.get(unit)?.pid !== before.pids[unit],
  );
  await restartAndWait(machine, others);
  await removeFile(machine, PREVIOUS_PROCESSES);
}

const Previous = z.object({
  files: z.record(z.string(), z.string()),
  running: z.array(z.string()),
  enabled: z.array(z.string()),
  /** Main processes by their unit: one that is still there need not be started again. */
  pids: z.record(z.string(), z.number()),
});

async function previous(machine: Machine): Promise<z.output<typeof Previous> | undefined> {
  const text = await readFile(machine, PREVIOUS_PROCESSES);
  if (text === undefined) return undefined;
  const parsed = Previous.safeParse(JSON.parse(text));
  return parsed.data;
}

async function keepPrevious(machine: Machine, { files, units }: ProcessState): Promise<void> {
  const those = [...units];
  const kept: z.output<typeof Previous> = {
    files: Object.fromEntries(files),
    running: those
      .filter(([unit, { state }]) => state === 'active' && processOf(unit)?.kind !== 'scheduled')
      .map(([unit]) => unit),
    enabled: those.filter(([, { enabled }]) => enabled).map(([unit]) => unit),
    pids: Object.fromEntries(those.flatMap(([unit, { pid }]) => (pid === undefined ? [] : [[unit, pid]]))),
  };
  await writeFile(machine, PREVIOUS_PROCESSES, JSON.stringify(kept), { mode: 0o600 });
}

/** Stops all processes, and starts none with the machine. */
export async function stopProcesses(machine: Machine): Promise<void> {
  const { units } = await readProcesses(machine);
  const names = [...units.keys()];
  if (names.length === 0) return;
  await disable(machine, ...names.filter((unit) => unit.endsWith('.service')));
  await stopAndWait(machine, names);
}

/** Removes the units of all processes; what an operator put beside them stays. */
export async function removeProcesses(machine: Machine): Promise<void> {
  const files = await processFiles(machine);
  if (files.size === 0) return;
  await stopProcesses(machine);
  for (const name of files.keys()) await removeFile(machine, `${UNITS}/${name}`);
  await daemonReload(machine);
}
