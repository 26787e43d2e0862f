/**
 * A Juju model on this computer, with no Juju: for tests, and behind the command line.
 *
 * @example
 * const model = await LocalModel.create({ machine: 'sandbox' });
 * await model.deploy('dist/charm', { application: 'wsgi', config: { port: '8080' } });
 * const { host, port } = await model.unit('wsgi/0').endpoint(8080);
 * await model.destroy();
 */

import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { advance, duration } from './commands/clock.ts';
import {
  addUnits,
  type Deployed,
  type DeployListener,
  type DeployOptions,
  deploy,
  type RefreshListener,
  type RefreshOptions,
  refresh,
} from './commands/deploy.ts';
import { removeApplication, removeEmptyMachines, removeRelation, removeUnit, resolved } from './commands/remove.ts';
import { attachResource } from './commands/resources.ts';
import {
  addUserSecret,
  grantUserSecret,
  removeUserSecret,
  revokeUserSecret,
  updateUserSecret,
  userSecretData,
} from './commands/user-secrets.ts';
import type { Endpoint, LocalMachine } from './machine.ts';
import { type MachineKind, openMachineOf } from './machines.ts';
import { needApplication, needUnit } from './model/applications.ts';
import { effectiveOptions, resetConfig, setConfig } from './model/config.ts';
import { LocalError } from './model/local-error.ts';
import { type LogFilter, type LogRecord, readLog } from './model/log.ts';
import { newState } from './model/new-state.ts';
import { integrate } from './model/relations.ts';
import type { ModelState, Operation, Task } from './model/state.ts';
import { unitsOf } from './model/status.ts';
import { hasState, loadState, lock, saveState } from './model/store.ts';
import type { ConfigValue } from './types.ts';
import { newOperation, runAction, runExec } from './uniter/operations.ts';
import { type OpenMachine, type Order, openSession, type Session } from './uniter/session.ts';
import { settle } from './uniter/settle.ts';
import { type ModelStatus, modelStatus } from './view/model-status.ts';

export interface ModelOptions {
  /** Folder of the model; a temporary one unless given. */
  readonly dir?: string;
  readonly name?: string;
  /** Kind of machine for new units, or what opens machines of one's own. */
  readonly machine?: MachineKind | OpenMachine;
  /** `4.0.14` unless given; 3.x has leader settings, 2.9 has no secrets. */
  readonly jujuVersion?: string;
  /** Also the oddities of Juju 4.0.14: a config-changed that comes twice, none after a reset, wide container scope. */
  readonly quirks?: boolean;
  readonly modelConfig?: Readonly<Record<string, string>>;
}

export interface OpenOptions {
  readonly machine?: OpenMachine;
  readonly order?: Order;
  readonly signal?: AbortSignal;
  /** Told once when another command works on the model and has to be waited for. */
  readonly onWait?: (pid: number) => void;
}

export class LocalModel {
  readonly dir: string;
  /** Which unit goes next; the tests of other orders set it. */
  order: Order;
  readonly #openMachine: OpenMachine;
  readonly #options: OpenOptions;
  #held: boolean;

  private constructor(dir: string, openMachine: OpenMachine, options: OpenOptions) {
    this.dir = dir;
    this.#openMachine = openMachine;
    this.#options = options;
    this.order = options.order ?? roundRobin();
    this.#held = false;
  }

  /** Makes a new model. @throws LocalError when there is one in the folder */
  static async create(options: ModelOptions & Omit<OpenOptions, 'machine'> = {}): Promise<LocalModel> {
    const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'wsgi-charm-'));
    const unlock = await lock(dir);
    try {
      if (hasState(dir)) throw new LocalError(`model ${JSON.stringify(loadState(dir).name)} already exists`);
      const kind = typeof options.machine === 'string' ? options.machine : 'sandbox';
      saveState(dir, newState({ ...options, machineKind: kind, uuid: randomUUID() }));
    } finally {
      unlock();
    }
    const own = typeof options.machine === 'function' ? { machine: options.machine } : {};
    return LocalModel.open(dir, { ...options, ...own, machine: own.machine ?? openMachineOf });
  }

  /** Opens the model of a folder as it was left. */
  static open(dir: string, options: OpenOptions = {}): LocalModel {
    return new LocalModel(dir, options.machine ?? openMachineOf, options);
  }

  /** Is there a model in the folder? */
  static exists(dir: string): boolean {
    return hasState(dir);
  }

  /** The state as it is on disk now. */
  state(): ModelState {
    return loadState(this.dir);
  }

  /** Works on the model alone; unless several changes are held together, its units then run what there is to run. */
  async change<T>(work: (session: Session) => T | Promise<T>): Promise<T> {
    const unlock = await lock(this.dir, this.#options.onWait);
    try {
      const session = this.#session();
      const result = await work(session);
      session.save();
      if (!this.#held) {
        await settle(session);
        await removeEmptyMachines(session);
        session.save();
      }
      return result;
    } finally {
      unlock();
    }
  }

  #session(): Session {
    const { signal } = this.#options;
    return openSession({
      dir: this.dir,
      state: this.state(),
      openMachine: this.#openMachine,
      order: this.order,
      signal,
    });
  }

  /** Several changes at once: no hook runs before the last of them. */
  async together<T>(work: () => Promise<T>): Promise<T> {
    const outer = this.#held;
    this.#held = true;
    try {
      return await work();
    } finally {
      this.#held = outer;
      if (!outer) await this.settle();
    }
  }

  async settle(): Promise<void> {
    await this.change(() => undefined);
  }

  deploy(charm: string, options: DeployOptions = {}, listen: DeployListener = {}): Promise<Deployed> {
    return this.change((session) => deploy(session, charm, options, listen));
  }

  addUnit(application: string, count = 1, to: readonly string[] = []): Promise<string[]> {
    return this.change((session) => addUnits(session, needApplication(session.state, application), count, to));
  }

  removeUnit(...units: string[]): Promise<void> {
    return this.change((session) => {
      for (const unit of units) removeUnit(session, unit);
    });
  }

  /** @returns the units that went with it */
  removeApplication(application: string): Promise<string[]> {
    return this.change((session) => removeApplication(session, needApplication(session.state, application)));
  }

  /** Values as they are typed on the command line. */
  config(application: string, values: Readonly<Record<string, string>>): Promise<void> {
    return this.change((session) => {
      setConfig(
        session.charmOf(needApplication(session.state, application).name),
        needApplication(session.state, application),
        values,
      );
    });
  }

  resetConfig(application: string, ...names: string[]): Promise<void> {
    return this.change((session) => {
      const target = needApplication(session.state, application);
      resetConfig(session.state, session.charmOf(application), target, names);
    });
  }

  /** Every option with its value or default; `null` for neither. */
  getConfig(application: string): Record<string, ConfigValue | null> {
    const session = this.#session();
    const target = needApplication(session.state, application);
    const options = effectiveOptions(session.charmOf(application), target);
    return Object.fromEntries(Object.entries(options).map(([name, { value }]) => [name, value]));
  }

  attachResource(application: string, name: string, path: string): Promise<void> {
    return this.change((session) => attachResource(session, needApplication(session.state, application), name, path));
  }

  refresh(application: string, options: RefreshOptions = {}, listen: RefreshListener = {}): Promise<void> {
    return this.change((session) => refresh(session, needApplication(session.state, application), options, listen));
  }

  /** `ann:serve`, `bob`; @returns id of the relation */
  integrate(first: string, second: string): Promise<number> {
    return this.change((session) => integrate(session.state, session.lookup, first, second).id);
  }

  removeRelation(first: string, second: string): Promise<void> {
    return this.change((session) => removeRelation(session, first, second));
  }

  /** Runs an action. @returns one task a unit. @throws LocalError for an action that the charm does not have */
  run(
    units: string | readonly string[],
    action: string,
    params: Readonly<Record<string, unknown>> = {},
    listen: OperationListener = {},
  ): Promise<Operation> {
    return this.change(async (session) => {
      const names = findUnits(session.state, [units].flat());
      for (const name of names instanceof Error ? [] : names) needAction(session, name, action);
      const operation = begin(session, action, { ...params }, names);
      listen.onStart?.(operation);
      await runAction(session, operation, listen.onLog ?? (() => undefined));
      return operation;
    });
  }

  /** Runs a shell command in the charm folder with the hook tools. @returns one task a unit */
  exec(units: string | readonly string[], command: string): Promise<Operation> {
    return this.change(async (session) => {
      const operation = begin(session, 'juju-exec', { command }, findUnits(session.state, [units].flat()));
      await runExec(session, operation, command);
      return operation;
    });
  }

  resolved(unit: string, { retry = true }: { readonly retry?: boolean } = {}): Promise<void> {
    return this.change((session) => resolved(needUnit(session.state, unit), retry));
  }

  /** Puts the clock forward (`5m`): retries, update-status, rotation and expiry of secrets come as they fall due. */
  advance(time: string): Promise<void> {
    return this.change((session) => advance(session, duration(time)));
  }

  expose(application: string, exposed = true): Promise<void> {
    return this.change((session) => {
      needApplication(session.state, application).exposed = exposed;
    });
  }

  modelConfig(values: Readonly<Record<string, string>>): Promise<void> {
    return this.change((session) => {
      Object.assign(session.state.modelConfig, values);
    });
  }

  /** @returns its URI */
  addSecret(name: string, data: Readonly<Record<string, string>>, info = ''): Promise<string> {
    const args = Object.entries(data).map(([key, value]) => `${key}=${value}`);
    return this.change((session) => addUserSecret(session, name, userSecretData(args), info));
  }

  updateSecret(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const args = Object.entries(data).map(([key, value]) => `${key}=${value}`);
    return this.change((session) => updateUserSecret(session, name, userSecretData(args), {}));
  }

  grantSecret(name: string, ...applications: string[]): Promise<void> {
    return this.change((session) => grantUserSecret(session, name, applications));
  }

  revokeSecret(name: string, ...applications: string[]): Promise<void> {
    return this.change((session) => revokeUserSecret(session, name, applications));
  }

  removeSecret(name: string): Promise<void> {
    return this.change((session) => removeUserSecret(session, name));
  }

  /** What `juju status --format json` says. */
  status(): Promise<ModelStatus> {
    return modelStatus(this.#session());
  }

  /** Names of an application's units. */
  units(application: string): string[] {
    return unitsOf(this.state(), application).map(({ name }) => name);
  }

  log(filter: LogFilter = {}): LogRecord[] {
    return readLog(this.dir, 0, filter).records;
  }

  machine(id: string): Promise<LocalMachine> {
    return this.#session().machine(id);
  }

  unit(name: string): LocalUnit {
    return new LocalUnit(this, name);
  }

  /** Ends every process of the model and removes its folder. */
  async destroy(): Promise<void> {
    if (!existsSync(this.dir)) return;
    const unlock = await lock(this.dir, this.#options.onWait);
    try {
      if (hasState(this.dir)) {
        const session = this.#session();
        for (const id of Object.keys(session.state.machines)) await (await session.machineAsIs(id)).destroy();
      }
      rmSync(this.dir, { recursive: true, force: true, maxRetries: 3 });
    } finally {
      unlock();
    }
  }
}

/** Told of an operation while it runs. */
export interface OperationListener {
  readonly onStart?: (operation: Operation) => void;
  readonly onLog?: (task: Task, message: string) => void;
}

/** An unknown unit makes an operation without tasks: its number is used up, and the client does not fail. */
function findUnits(state: ModelState, names: readonly string[]): string[] | LocalError {
  const unknown = names.find((name) => !name.endsWith('/leader') && state.units[name] === undefined);
  if (unknown === undefined) return names.map((name) => needUnit(state, name).name);
  const unit = JSON.stringify(unknown);
  return new LocalError(`linking task to unit: getting unit UUID for ${unit}: unit ${unit} not found`);
}

function begin(
  session: Session,
  action: string,
  params: Record<string, unknown>,
  names: string[] | LocalError,
): Operation {
  if (!(names instanceof LocalError)) return newOperation(session.state, action, params, names);
  const operation = newOperation(session.state, action, params, ['']);
  return Object.assign(operation, { tasks: [], failure: names.message });
}

function needAction(session: Session, unit: string, action: string): void {
  if (session.charmOf(unit.split('/')[0] ?? '').actions[action] !== undefined) return;
  throw new LocalError(`action ${JSON.stringify(action)} not defined for unit ${JSON.stringify(unit)}. (not found)`);
}

/** One unit of a model: `model.unit('wsgi/0')`. */
export class LocalUnit {
  readonly name: string;
  readonly #model: LocalModel;

  constructor(model: LocalModel, name: string) {
    this.#model = model;
    this.name = name;
  }

  machine(): Promise<LocalMachine> {
    return this.#model.machine(needUnit(this.#model.state(), this.name).machine);
  }

  /** Where a port that it listens on can be reached from this host. */
  async endpoint(port: number): Promise<Endpoint> {
    return (await this.machine()).endpoint(port);
  }

  run(action: string, params: Readonly<Record<string, unknown>> = {}): Promise<Task> {
    return this.#model.run(this.name, action, params).then(onlyTask);
  }

  exec(command: string): Promise<Task> {
    return this.#model.exec(this.name, command).then(onlyTask);
  }
}

function onlyTask(operation: Operation): Task {
  const [task] = operation.tasks;
  if (task === undefined) throw new LocalError(operation.failure ?? `operation ${operation.id} has no task`);
  return task;
}

/** Each unit in turn, by name. */
export function roundRobin(): Order {
  let last = '';
  return (units) => {
    const after = units[units.indexOf(last) + 1] ?? units[0] ?? '';
    last = after;
    return after;
  };
}

/** Orders that differ from seed to seed and are the same for the same seed. */
export function seeded(seed: number): Order {
  let state = seed >>> 0;
  return (units) => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return units[((mixed ^ (mixed >>> 14)) >>> 0) % units.length] ?? '';
  };
}
