/** What a command works with while it holds the model: its state, its machines, its log. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalMachine } from '../machine.ts';
import { type Charm, readCharm } from '../model/charm.ts';
import { type Log, openLog } from '../model/log.ts';
import type { ApplicationCharm } from '../model/relations.ts';
import type { ModelState } from '../model/state.ts';
import { stateSaver } from '../model/store.ts';

export interface MachinePlace {
  readonly id: string;
  readonly kind: string;
  /** Folder on this host for everything of this machine; it exists. */
  readonly dir: string;
  readonly address: string;
  readonly modelUuid: string;
}

/** Gives the machine of a place, made anew or as an earlier command left it. */
export type OpenMachine = (place: MachinePlace) => Promise<LocalMachine>;

/** Which of the units that have something to do does its next step. */
export type Order = (units: readonly string[]) => string;

export interface Session {
  readonly dir: string;
  readonly state: ModelState;
  readonly log: Log;
  readonly order: Order;
  /** Ends what runs; the unit runs the same hook again with the next command. */
  readonly signal: AbortSignal | undefined;
  readonly save: () => void;
  /** The machine of a unit, booted. */
  readonly machine: (id: string) => Promise<LocalMachine>;
  /** The machine as it is, be it down. */
  readonly machineAsIs: (id: string) => Promise<LocalMachine>;
  readonly charmOf: (application: string) => Charm;
  readonly lookup: (application: string) => ApplicationCharm | undefined;
  /** Where the charm of a revision lies unpacked. */
  readonly charmDir: (charm: string, revision: number) => string;
  readonly resourceFile: (file: string) => string;
}

export interface SessionOptions {
  readonly dir: string;
  readonly state: ModelState;
  readonly openMachine: OpenMachine;
  readonly order: Order;
  readonly signal?: AbortSignal | undefined;
}

export function openSession({ dir, state, openMachine, order, signal }: SessionOptions): Session {
  const machines = new Map<string, Promise<LocalMachine>>();
  const booted = new Map<string, Promise<LocalMachine>>();
  const charms = new Map<string, Charm>();
  const charmDir = (charm: string, revision: number) => join(dir, 'charms', `${charm}-${revision}`);
  const charmOf = (name: string): Charm => {
    const application = state.applications[name];
    if (application === undefined) throw new Error(`no application ${name}`);
    const path = charmDir(application.charm, application.charmRevision);
    const charm = charms.get(path) ?? readCharm(path);
    charms.set(path, charm);
    return charm;
  };
  const open = async (id: string): Promise<LocalMachine> => {
    const record = state.machines[id];
    if (record === undefined) throw new Error(`no machine ${id}`);
    const machineDir = join(dir, 'machines', id);
    mkdirSync(machineDir, { recursive: true });
    const { kind, address } = record;
    const machine = await openMachine({ id, kind, dir: machineDir, address, modelUuid: state.uuid });
    record.address = machine.address;
    return machine;
  };
  const machineAsIs = (id: string) => once(machines, id, () => open(id));
  const boot = async (id: string): Promise<LocalMachine> => {
    const machine = await machineAsIs(id);
    await machine.start();
    return machine;
  };
  return {
    dir,
    state,
    log: openLog(dir, state),
    order,
    signal,
    save: stateSaver(dir, state),
    machine: (id) => once(booted, id, () => boot(id)),
    machineAsIs,
    charmOf,
    lookup: (name) => {
      const application = state.applications[name];
      return application === undefined ? undefined : { application, charm: charmOf(name) };
    },
    charmDir,
    resourceFile: (file) => join(dir, 'resources', file),
  };
}

function once<T>(known: Map<string, T>, key: string, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}
