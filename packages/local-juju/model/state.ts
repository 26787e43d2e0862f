/**
 * Everything a model remembers between two commands: one JSON file. The schema is the type; a file that does not fit it
 * is refused with its path, never guessed at.
 */

import * as z from 'zod';

const Bag = z.record(z.string(), z.string());
const ConfigValue = z.union([z.string(), z.number(), z.boolean()]);
/** RFC 3339, UTC. */
const Time = z.string();
/** Milliseconds of the model's clock, see clock.ts. */
const Due = z.number();

const Status = z.object({ status: z.string(), message: z.string(), since: Time });
export type StatusRecord = z.infer<typeof Status>;

const Port = z.object({
  endpoint: z.string(),
  protocol: z.enum(['icmp', 'tcp', 'udp']),
  from: z.number(),
  to: z.number(),
});

/** A hook as it is remembered while it waits, runs or has failed. */
const Hook = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('plain'),
    name: z.enum([
      'install',
      'leader-elected',
      'leader-settings-changed',
      'config-changed',
      'start',
      'stop',
      'remove',
      'upgrade-charm',
      'update-status',
    ]),
  }),
  z.object({
    kind: z.literal('relation'),
    step: z.enum(['created', 'joined', 'changed', 'departed', 'broken']),
    relation: z.number(),
    remoteApp: z.string(),
    /** Absent in created, broken and for a change of application data. */
    remoteUnit: z.optional(z.string()),
    departingUnit: z.optional(z.string()),
    /** Version of the remote data that the unit knows once the hook is done. */
    version: z.optional(z.number()),
  }),
  z.object({
    kind: z.literal('secret'),
    name: z.enum(['secret-changed', 'secret-remove', 'secret-rotate', 'secret-expired']),
    secret: z.string(),
    revision: z.optional(z.number()),
  }),
]);
export type Hook = z.infer<typeof Hook>;

const UnitRelation = z.object({
  created: z.boolean(),
  broken: z.boolean(),
  /** Remote units that have joined, with the version of their data that the unit has been told of. */
  members: z.record(z.string(), z.number()),
  /** The same for application data. */
  applications: z.record(z.string(), z.number()),
  /** A unit whose joined ran last: its changed comes next, whatever else happens. */
  changedPending: z.optional(z.string()),
});
export type UnitRelation = z.infer<typeof UnitRelation>;

const Unit = z.object({
  name: z.string(),
  uuid: z.string(),
  application: z.string(),
  machine: z.string(),
  principal: z.optional(z.string()),
  life: z.enum(['alive', 'dying']),
  workload: Status,
  agent: Status,
  history: z.array(z.object({ type: z.enum(['workload', 'juju-unit']), ...Status.shape })),
  ports: z.array(Port),
  state: Bag,
  installed: z.boolean(),
  started: z.boolean(),
  stopped: z.boolean(),
  removed: z.boolean(),
  /** What the unit has run hooks for: config, charm and resources, leadership, leader settings. */
  seen: z.object({
    config: z.number(),
    charm: z.number(),
    leader: z.boolean(),
    leaderSettings: z.number(),
  }),
  /** Revision in the unit's charm folder. */
  charmRevision: z.optional(z.number()),
  /** Hooks that must come next, in this order. */
  queue: z.array(Hook),
  /** The hook that runs; found at the start of a command, its process was killed with the command. */
  running: z.optional(Hook),
  failed: z.optional(z.object({ hook: Hook, attempts: z.number(), retryAt: Due, message: z.string(), since: Time })),
  resolved: z.optional(z.enum(['retry', 'no-retry'])),
  /** When start or the last update-status ran: the next one comes an interval later. */
  updateStatusSince: z.optional(Due),
  relations: z.record(z.string(), UnitRelation),
});
export type Unit = z.infer<typeof Unit>;

const Resource = z.object({
  /** File name in the model's folder of resources. */
  file: z.string(),
  revision: z.number(),
  size: z.number(),
  fingerprint: z.string(),
  timestamp: Time,
});
export type Resource = z.infer<typeof Resource>;

const Application = z.object({
  name: z.string(),
  charm: z.string(),
  charmRevision: z.number(),
  /** Folder or file that the charm came from. */
  source: z.string(),
  life: z.enum(['alive', 'dying']),
  subordinate: z.boolean(),
  exposed: z.boolean(),
  /** Values set by the operator; the rest are defaults. */
  config: z.record(z.string(), ConfigValue),
  configVersion: z.number(),
  /** Counts refreshes and attached resources. */
  charmVersion: z.number(),
  resources: z.record(z.string(), Resource),
  leader: z.optional(z.string()),
  leaderSettings: Bag,
  leaderSettingsVersion: z.number(),
  /** Set by the leader; without it the status is that of the units. */
  status: z.optional(Status),
  version: z.string(),
});
export type Application = z.infer<typeof Application>;

const RelationEnd = z.object({
  application: z.string(),
  endpoint: z.string(),
  role: z.enum(['provider', 'requirer', 'peer']),
});
export type RelationEnd = z.infer<typeof RelationEnd>;

const Relation = z.object({
  id: z.number(),
  interface: z.string(),
  scope: z.enum(['global', 'container']),
  /** The requirer first; one end for a peer relation. */
  ends: z.array(RelationEnd),
  life: z.enum(['alive', 'dying']),
  since: Time,
  /** Units that are in it, in the order they came. */
  units: z.array(z.string()),
  /** By unit or application; data of those that left stays. */
  bags: z.record(z.string(), z.object({ data: Bag, version: z.number() })),
});
export type Relation = z.infer<typeof Relation>;

const Machine = z.object({ id: z.string(), kind: z.string(), address: z.string(), since: Time });
export type MachineRecord = z.infer<typeof Machine>;

const Secret = z.object({
  id: z.string(),
  owner: z.object({ kind: z.enum(['application', 'unit', 'model']), name: z.string() }),
  /** Of a user's secret. */
  name: z.optional(z.string()),
  label: z.string(),
  description: z.string(),
  rotation: z.enum(['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly']),
  rotates: z.optional(z.object({ time: Time, due: Due })),
  expires: z.optional(z.object({ time: Time, due: Due })),
  created: Time,
  updated: Time,
  latest: z.number(),
  revisions: z.record(z.string(), z.object({ content: Bag, created: Time, updated: Time })),
  /** `relation` is absent for grants by the operator. */
  grants: z.array(z.object({ entity: z.string(), relation: z.optional(z.number()) })),
  /** By unit. `told` is the newest revision it has had a secret-changed for. */
  consumers: z.record(z.string(), z.object({ revision: z.number(), label: z.string(), told: z.number() })),
  /** Revisions that no unit follows any more and that the owner has been told of. */
  obsolete: z.array(z.number()),
});
export type Secret = z.infer<typeof Secret>;

const Results: z.ZodType<TaskResults> = z.lazy(() => z.record(z.string(), z.union([z.string(), z.number(), Results])));
export type TaskResults = { [key: string]: string | number | TaskResults };

const Task = z.object({
  id: z.string(),
  unit: z.string(),
  status: z.enum(['pending', 'running', 'completed', 'failed', 'error']),
  message: z.string(),
  log: z.array(z.object({ time: Time, message: z.string() })),
  results: Results,
  enqueued: Time,
  started: z.optional(Time),
  completed: z.optional(Time),
});
export type Task = z.infer<typeof Task>;

const Operation = z.object({
  id: z.string(),
  summary: z.string(),
  action: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  enqueued: Time,
  completed: z.optional(Time),
  /** Why there are no tasks. */
  failure: z.optional(z.string()),
  tasks: z.array(Task),
});
export type Operation = z.infer<typeof Operation>;

export const ModelState = z.object({
  format: z.literal(1),
  name: z.string(),
  uuid: z.string(),
  jujuVersion: z.string(),
  /** Kind of machine that new units get. */
  machineKind: z.string(),
  /** Oddities of Juju 4.0.14 too, such as a config-changed that comes twice. */
  quirks: z.boolean(),
  /** How far the clock has been put forward, in milliseconds. */
  advanced: z.number(),
  modelConfig: z.record(z.string(), z.string()),
  counters: z.object({
    machine: z.number(),
    relation: z.number(),
    operation: z.number(),
    /** By application name; they go on when an application comes again. */
    units: z.record(z.string(), z.number()),
    /** By charm name. */
    charms: z.record(z.string(), z.number()),
    resources: z.number(),
    /** For identifiers that a test wants to be the same in each run. */
    identifiers: z.number(),
  }),
  machines: z.record(z.string(), Machine),
  applications: z.record(z.string(), Application),
  units: z.record(z.string(), Unit),
  relations: z.record(z.string(), Relation),
  secrets: z.record(z.string(), Secret),
  operations: z.array(Operation),
});
export type ModelState = z.infer<typeof ModelState>;
