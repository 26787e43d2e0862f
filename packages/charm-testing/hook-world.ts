/** Juju as one hook meets it, made from a state: the hook tools of the local model, over the state's data. */
import { readFileSync } from 'node:fs';
import type { LogLevel, ToolRunner } from '../../src/juju/index.ts';
import {
  type ActionResults,
  type Effect,
  emptyPending,
  type Pending,
  parsePortRange,
  type RunningAction,
  runHookTool,
  type ToolContext,
  type World,
} from '../local-juju/hooktools/index.ts';
import type { CharmMeta } from './charm.ts';
import { applicationOf, type Event } from './event.ts';
import { actionParams, endpointsOf, optionViews } from './meta.ts';
import { relationViews } from './relation-view.ts';
import { secretViews } from './secret-view.ts';
import type { State } from './state.ts';

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

/** What took effect at once, and what is kept if the hook ends well. */
export interface HookWrites {
  status: State['status'];
  applicationStatus: State['applicationStatus'];
  workloadVersion: string;
  /** Revision and own label by secret id. */
  readonly tracked: Map<string, { readonly revision: number; readonly label: string }>;
  readonly logged: LogLine[];
  readonly actionLog: string[];
  readonly pending: Pending;
}

export interface HookWorld {
  readonly run: ToolRunner;
  /** Command lines of the hook tools that were called. */
  readonly tools: readonly string[];
  readonly writes: HookWrites;
  readonly action: RunningAction | undefined;
}

/**
 * Juju for one hook.
 * @param resource path of a resource's file; an Error says why there is none
 */
export function openHookWorld(
  state: State,
  event: Event,
  meta: CharmMeta,
  resource: (name: string) => string | Error,
): HookWorld {
  const writes = startingWrites(state, event);
  const action: RunningAction | undefined =
    event.kind === 'action' || event.kind === 'exec'
      ? { params: event.kind === 'action' ? actionParams(meta, event) : {}, results: {} satisfies ActionResults }
      : undefined;
  const world = worldOf(state, event, meta, writes, resource);
  const context = contextOf(state, event, writes, action);
  const tools: string[] = [];
  return {
    tools,
    writes,
    action,
    run: (tool, argv, stdin) => {
      tools.push([tool, ...argv.filter((arg) => arg !== '--format=json')].join(' '));
      const readFile = (path: string) => readFileSync(path, 'utf8');
      return runHookTool(world, context, { tool, argv, readFile, stdin });
    },
  };
}

/** The words that Juju itself puts in a unit's status. */
const OWN_STATUS: Readonly<Record<string, string>> = {
  install: 'installing charm software',
  stop: 'stopping charm software',
  remove: 'cleaning up prior to charm deletion',
};

function startingWrites(state: State, event: Event): HookWrites {
  const message = event.kind === 'hook' ? OWN_STATUS[event.name] : undefined;
  return {
    status: message === undefined ? state.status : { status: 'maintenance', message },
    applicationStatus: state.applicationStatus,
    workloadVersion: state.workloadVersion,
    tracked: new Map(),
    logged: [],
    actionLog: [],
    pending: emptyPending(),
  };
}

function worldOf(state: State, event: Event, meta: CharmMeta, writes: HookWrites, resource: World['resource']): World {
  const application = applicationOf(state.unit);
  const relations = relationViews(state, event, meta);
  const since = state.now.toISOString().replace('T', ' ').replace(/\.\d+/, '');
  return {
    jujuVersion: state.jujuVersion,
    modelUuid: state.model.uuid,
    unit: state.unit,
    application,
    leader: state.leader,
    options: optionViews(meta, state.config),
    endpoints: [...endpointsOf(meta).keys(), 'juju-info', ...Object.keys(meta.metadata['extra-bindings'] ?? {})],
    relations,
    network: {
      address: state.address,
      hostname: '',
      cidr: `${state.address.replace(/\.\d+$/, '.0')}/24`,
      macAddress: '00:16:3e:00:00:01',
      interfaceName: 'eth0',
    },
    storage: state.storage.map(({ id, location }) => ({
      id,
      location,
      kind: meta.metadata.storage?.[applicationOf(id)]?.type ?? 'filesystem',
    })),
    ports: state.ports.map((port) => ({ ...parsePortRange(port), endpoint: '' })),
    machinePorts: Object.entries(state.otherPorts).flatMap(([unit, ports]) =>
      ports.map((port) => ({ ...parsePortRange(port), endpoint: '', unit })),
    ),
    get status() {
      return writes.status;
    },
    get applicationStatus() {
      return writes.applicationStatus;
    },
    get unitStatuses() {
      return { [state.unit]: writes.status };
    },
    state: state.stored,
    leaderSettings: state.leaderSettings,
    get secrets() {
      return secretViews(state, writes.tracked);
    },
    goalState: {
      units: { [state.unit]: { status: state.goal.dying ? 'dying' : writes.status.status, since } },
      relations: Object.fromEntries(
        [
          ...Object.entries(state.goal.relations),
          ...relations.map(({ endpoint, remoteApp, units }) => [endpoint, [remoteApp, ...units]] as const),
        ].map(([endpoint, names]) => [
          endpoint,
          Object.fromEntries(names.map((name) => [name, { status: 'joined', since }])),
        ]),
      ),
    },
    now: state.now,
    resource,
  };
}

function contextOf(state: State, event: Event, writes: HookWrites, action: RunningAction | undefined): ToolContext {
  const remoteApp =
    event.kind === 'relation' ? state.relations.find(({ id }) => id === event.id)?.remoteApp : undefined;
  const taken = new Set(state.secrets.map(({ id }) => id));
  return {
    ...(event.kind === 'relation' && remoteApp !== undefined
      ? { relation: { id: event.id, remoteApp, remoteUnit: event.unit } }
      : {}),
    ...(event.kind === 'storage' ? { storage: event.id } : {}),
    action,
    pending: writes.pending,
    effect: (effect) => take(writes, effect),
    newSecretId: () => {
      let number = 1;
      while (taken.has(secretName(number))) number += 1;
      taken.add(secretName(number));
      return secretName(number);
    },
  };
}

function secretName(number: number): string {
  return `new${String(number).padStart(17, '0')}`;
}

function take(writes: HookWrites, effect: Effect): void {
  switch (effect.kind) {
    case 'status':
      writes.status = { status: effect.status, message: effect.message };
      break;
    case 'application-status':
      writes.applicationStatus = { status: effect.status, message: effect.message };
      break;
    case 'application-version':
      writes.workloadVersion = effect.version;
      break;
    case 'log':
      writes.logged.push({ level: effect.level, message: effect.message });
      break;
    case 'action-log':
      writes.actionLog.push(effect.message);
      break;
    case 'secret-consumed':
      writes.tracked.set(effect.id, { revision: effect.revision, label: effect.label });
      break;
  }
}
