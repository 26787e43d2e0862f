/**
 * What a hook tool can see and change: the world as one unit sees it, the context of the hook that runs, what the context
 * has written so far. Plain data: a live model and a test's State both fit behind it.
 */

import type { ConfigValue, Databag, LogLevel, RelationId, StatusName, UnitName } from '../types.ts';

export type OptionType = 'string' | 'int' | 'float' | 'boolean' | 'secret';

export interface OptionView {
  readonly type: OptionType;
  /** `null` where there is neither a value nor a default. */
  readonly value: ConfigValue | null;
}

export interface StatusView {
  readonly status: string;
  readonly message: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

/** One relation that the unit is in. */
export interface RelationView {
  /** `website:3` */
  readonly id: RelationId;
  readonly endpoint: string;
  readonly remoteApp: string;
  readonly peer: boolean;
  /** Both ends as in `juju integrate`, the requirer first: `["bob:use", "ann:serve"]`; one end for a peer relation. */
  readonly key: readonly string[];
  /** Remote units in scope, as the unit has been told. */
  readonly units: readonly UnitName[];
  /** The unit's own address in this relation, where it is another one than on the endpoint. */
  readonly address?: string;
  /** The committed databag of a unit or an application of the relation; `undefined` where there never was one. */
  bag(entity: string): Databag | undefined;
}

export interface PortView {
  /** Joined to the unit's endpoints; `''` stands for all. */
  readonly endpoint: string;
  readonly protocol: 'icmp' | 'tcp' | 'udp';
  readonly from: number;
  readonly to: number;
}

export interface MachinePortView extends PortView {
  readonly unit: UnitName;
}

export type RotatePolicy = 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';

export interface SecretGrant {
  /** A tag: `application-bob`, `unit-bob-5`. */
  readonly target: string;
  /** `relation-bob.use#ann.serve`, `model-UUID` */
  readonly scope: string;
}

export interface SecretView {
  readonly id: string;
  readonly owner: { readonly kind: 'application' | 'unit' | 'model'; readonly name: string };
  readonly label: string;
  readonly description: string;
  readonly rotation: RotatePolicy;
  /** RFC 3339. */
  readonly expires?: string;
  readonly rotates?: string;
  readonly latest: number;
  /** Content by revision; values are base64. */
  readonly revisions: Readonly<Record<number, Databag>>;
  readonly grants: readonly SecretGrant[];
  /** What this unit follows. */
  readonly consumed?: { readonly revision: number; readonly label: string };
}

export interface NetworkView {
  readonly address: string;
  /** `''` where there is none. */
  readonly hostname: string;
  readonly cidr: string;
  readonly macAddress: string;
  readonly interfaceName: string;
}

/** Storage that is attached to the unit. */
export interface StorageView {
  /** `data/0` */
  readonly id: string;
  readonly kind: 'filesystem' | 'block';
  /** A folder, or a device. */
  readonly location: string;
}

export type GoalStateUnits = Readonly<Record<string, { readonly status: string; readonly since: string }>>;

export interface World {
  /** `4.0.14.1`; decides which tools there are. */
  readonly jujuVersion: string;
  readonly modelUuid: string;
  readonly unit: UnitName;
  readonly application: string;
  readonly leader: boolean;
  readonly options: Readonly<Record<string, OptionView>>;
  /** Every endpoint of the charm, `juju-info` too. */
  readonly endpoints: readonly string[];
  readonly relations: readonly RelationView[];
  readonly network: NetworkView;
  /** None where it is left out. */
  readonly storage?: readonly StorageView[];
  readonly ports: readonly PortView[];
  /** Ports of the other units of the machine. */
  readonly machinePorts: readonly MachinePortView[];
  readonly status: StatusView;
  readonly applicationStatus: StatusView;
  /** Every unit of the application, this one too. */
  readonly unitStatuses: Readonly<Record<UnitName, StatusView>>;
  readonly state: Databag;
  readonly leaderSettings: Databag;
  readonly secrets: readonly SecretView[];
  readonly goalState: { readonly units: GoalStateUnits; readonly relations: Readonly<Record<string, GoalStateUnits>> };
  readonly now: Date;
  /** Path of a resource; an `Error` says why there is none. */
  resource(name: string): string | Error;
}

/** `''` as a value takes the key away. */
export type Changes = Map<string, string>;

export interface SecretFields {
  label?: string;
  description?: string;
  rotation?: RotatePolicy;
  expires?: string;
  content?: Databag;
}

export interface PendingSecret extends SecretFields {
  readonly id: string;
  readonly owner: 'application' | 'unit';
}

export interface PendingGrant {
  readonly id: string;
  readonly relation: RelationView;
  readonly unit?: UnitName;
}

/** What is kept only if the hook ends well. */
export interface Pending {
  readonly unitBags: Map<RelationId, Changes>;
  readonly applicationBags: Map<RelationId, Changes>;
  readonly opened: PortView[];
  readonly closed: PortView[];
  readonly state: Changes;
  readonly leaderSettings: Changes;
  readonly secretsAdded: PendingSecret[];
  readonly secretsChanged: Map<string, SecretFields>;
  readonly secretsGranted: PendingGrant[];
  readonly secretsRevoked: PendingGrant[];
  /** Without a revision the whole secret. */
  readonly secretsRemoved: { readonly id: string; readonly revision?: number }[];
  reboot?: 'at-end' | 'now';
}

/** What takes effect at once, whatever becomes of the hook. */
export type Effect =
  | { readonly kind: 'status'; readonly status: StatusName; readonly message: string }
  | { readonly kind: 'application-status'; readonly status: StatusName; readonly message: string }
  | { readonly kind: 'application-version'; readonly version: string }
  | { readonly kind: 'log'; readonly level: LogLevel; readonly message: string }
  | { readonly kind: 'action-log'; readonly message: string }
  | { readonly kind: 'secret-consumed'; readonly id: string; readonly revision: number; readonly label: string };

export type ActionResults = { [key: string]: string | ActionResults };

export interface RunningAction {
  readonly params: Readonly<Record<string, unknown>>;
  readonly results: ActionResults;
  failure?: string;
}

/** One hook, action or exec as its tools know it. */
export interface ToolContext {
  /** The relation of a relation hook. */
  readonly relation?: { readonly id: RelationId; readonly remoteApp: string; readonly remoteUnit?: UnitName };
  /** Id of the storage of a storage hook. */
  readonly storage?: string;
  readonly action?: RunningAction;
  readonly pending: Pending;
  /** status-get answers what it read first. */
  statusRead?: StatusView;
  readonly effect: (effect: Effect) => void;
  readonly newSecretId: () => string;
}

export function emptyPending(): Pending {
  return {
    unitBags: new Map(),
    applicationBags: new Map(),
    opened: [],
    closed: [],
    state: new Map(),
    leaderSettings: new Map(),
    secretsAdded: [],
    secretsChanged: new Map(),
    secretsGranted: [],
    secretsRevoked: [],
    secretsRemoved: [],
  };
}

/** A databag with changes laid over it. */
export function withChanges(bag: Databag, changes: Changes | undefined): Databag {
  if (changes === undefined || changes.size === 0) return bag;
  const merged: Record<string, string> = { ...bag };
  for (const [key, value] of changes) {
    if (value === '') delete merged[key];
    else merged[key] = value;
  }
  return merged;
}
