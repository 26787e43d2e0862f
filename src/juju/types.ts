/** Juju's own words as types. Source: https://documentation.ubuntu.com/juju/3.6/reference/hook/ and .../hook-command/ */

/** What a secret is made with, beside its content. */
export interface SecretSettings {
  readonly label?: string;
  readonly description?: string;
  /** A duration (`24h`) or a time as RFC 3339 has it. */
  readonly expire?: string;
  readonly rotate?: 'never' | 'hourly' | 'daily' | 'weekly' | 'monthly' | 'quarterly' | 'yearly';
  readonly owner?: 'application' | 'unit';
}

export type StatusName = 'maintenance' | 'blocked' | 'waiting' | 'active';
export type ReadStatusName = StatusName | 'unknown' | 'error' | 'terminated';

export interface Status {
  readonly status: StatusName;
  readonly message: string;
}

/** `website:3` */
export type RelationId = string;
/** `wsgi/0` */
export type UnitName = string;

/** A value of `config-get`; an option with neither value nor default is absent. */
export type ConfigValue = string | number | boolean;
export type Config = Readonly<Record<string, ConfigValue | undefined>>;
/** All values of a databag are strings. */
export type Databag = Readonly<Record<string, string>>;

export type LogLevel = 'TRACE' | 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';

/** `8080/tcp`, `8000-8010/udp`, `icmp` */
export type PortRange = string;

/** What runs now, read from the environment that Juju gives a hook. */
export interface HookEvent {
  /** `config-changed`, `website-relation-joined`, `set-current-symlink` (an action), `juju-exec` */
  readonly name: string;
  readonly kind: 'hook' | 'action';
  readonly relation?: {
    readonly endpoint: string;
    readonly id: RelationId;
    readonly remoteApp: string | undefined;
    /** Absent in created, broken and application-changed. */
    readonly remoteUnit: UnitName | undefined;
    readonly departingUnit: UnitName | undefined;
    readonly step: 'created' | 'joined' | 'changed' | 'departed' | 'broken';
  };
  readonly action?: { readonly name: string; readonly tag: string };
  readonly secret?: { readonly id: string; readonly label: string; readonly revision: string };
}

/** The facts of the unit that the environment carries. */
export interface UnitEnvironment {
  readonly unit: UnitName;
  readonly application: string;
  readonly modelName: string;
  readonly modelUuid: string;
  readonly charmDir: string;
  readonly jujuVersion: string;
  readonly principalUnit: UnitName | undefined;
  readonly availabilityZone: string | undefined;
  readonly proxies: {
    readonly http: string | undefined;
    readonly https: string | undefined;
    readonly ftp: string | undefined;
    readonly no: string | undefined;
  };
}

export interface NetworkInfo {
  readonly bindAddresses: readonly string[];
  readonly ingressAddresses: readonly string[];
  readonly egressSubnets: readonly string[];
}

/**
 * Everything one hook reads from Juju, each at most once and only when asked, and everything it writes, collected and
 * written once by {@link HookContext.commit}, only where it differs from what is there.
 * Reads show the writes of the same hook.
 */
export interface HookContext {
  readonly event: HookEvent;
  readonly unit: UnitEnvironment;

  config(): Config;
  isLeader(): boolean;
  relationIds(endpoint: string): readonly RelationId[];
  relationUnits(id: RelationId): readonly UnitName[];
  relationApp(id: RelationId): string | undefined;
  /** The databag of a unit (`postgresql/0`) or an application (`postgresql`), remote or own; empty when it is gone. */
  relationGet(id: RelationId, entity: string): Databag;
  /** `''` deletes a key. Own unit's bag, or own application's with `app` (ignored, with a debug line, when not leader). */
  relationSet(id: RelationId, data: Databag, options?: { readonly app?: boolean }): void;
  openedPorts(): readonly PortRange[];
  openPort(port: PortRange): void;
  closePort(port: PortRange): void;
  network(endpoint: string, id?: RelationId): NetworkInfo | undefined;
  /** Path of the resource, or undefined when it is not there, empty or cannot be had. */
  resource(name: string): string | undefined;
  /** Content of a secret; `undefined` with a reason in `whyNot` when it cannot be read. */
  secret(
    uri: string,
    options?: { readonly refresh?: boolean },
  ): { readonly content?: Databag; readonly whyNot?: string };
  /** Ids of the storage that is attached to this unit (`uploads/0`), of all names or of one. */
  storageIds(name?: string): readonly string[];
  /** Kind and place of a storage; undefined when it is not attached. */
  storage(id: string): { readonly kind: string; readonly location: string } | undefined;
  /** Makes a secret, if the hook succeeds: its URI, or the reason in `whyNot`. Only the leader makes the application's. */
  addSecret(content: Databag, settings?: SecretSettings): { readonly uri?: string; readonly whyNot?: string };
  /** Gives an own secret a new revision, if the hook succeeds. */
  setSecret(uri: string, content: Databag, settings?: SecretSettings): { readonly whyNot?: string };
  /** Removes an own secret, if the hook succeeds. */
  removeSecret(uri: string): { readonly whyNot?: string };
  /** Lets the application, or one unit, at the other side of a relation read an own secret. */
  grantSecret(uri: string, id: RelationId, unit?: UnitName): { readonly whyNot?: string };
  goalState(): unknown;

  /** The status of this unit as it will be after this hook. */
  setStatus(status: StatusName, message: string): void;
  /** Shows a status at once, for long work. */
  showStatus(status: StatusName, message: string): void;
  setApplicationVersion(version: string): void;
  log(level: LogLevel, message: string): void;
  /** To stdout, which Juju logs as DEBUG at no cost of a process. */
  debug(message: string): void;

  actionParams(): Readonly<Record<string, unknown>>;
  actionResult(results: Readonly<Record<string, string>>): void;
  actionFail(message: string): void;

  /** What the unit's status will be: the last `setStatus`, else what is remembered. */
  currentStatus(): Status | undefined;
  /** Writes what was collected and differs. */
  commit(): void;
}
