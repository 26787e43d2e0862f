/** The whole world of one unit as one immutable value. */
import type { ConfigValue, Databag, PortRange, ReadStatusName, RelationId, UnitName } from '../../src/juju/index.ts';
import type { Flag, Json } from '../../src/reactive/index.ts';
import type { Programs } from './program.ts';

export type FileContent = string | Uint8Array;

/** One relation that the unit is in, with the databags of both sides. */
export interface Relation {
  /** `website:1` */
  readonly id: RelationId;
  readonly remoteApp: string;
  /** Databags of the remote units that have joined; the other units of the application in a peer relation. */
  readonly remoteUnits: Readonly<Record<UnitName, Databag>>;
  readonly remoteAppData: Databag;
  readonly localUnitData: Databag;
  /** The unit's own address in this relation, which network-get tells; undefined: that of the state. */
  readonly address?: string;
  /** The own application's databag; a peer relation has no other application's. */
  readonly localAppData: Databag;
}

/** A Juju secret, of this charm or of another. */
export interface Secret {
  /** Twenty lower-case letters and digits: `9m4e2mr0ui3e8a215n4g`. */
  readonly id: string;
  /** `application` and `unit` are this charm's; else the name of another application, or `user`. */
  readonly owner: string;
  /** All revisions, the oldest first: the last is the newest. */
  readonly revisions: readonly [Databag, ...Databag[]];
  /** The revision that this unit follows, from 1; undefined until it has read the secret. */
  readonly tracked: number | undefined;
  readonly label: string;
  /** Whether this unit may read a secret of another. */
  readonly granted: boolean;
}

/** Storage that is attached to the unit, as metadata.yaml declares its name. */
export interface Storage {
  /** `uploads/0` */
  readonly id: string;
  /** Folder of the machine, or device. */
  readonly location: string;
}

/** A service or socket as systemd has it. */
export interface Service {
  readonly active: boolean;
  readonly enabled: boolean;
  /** The last start failed; made by one that did. */
  readonly failed?: boolean;
  /** Starting it fails, and this is what it writes to the journal then. */
  readonly startFails?: string;
  /** Its process ends by itself, so many seconds after it was started, and writes this to the journal then. */
  readonly dies?: { readonly after: number; readonly saying: string };
  /** What the application answers to GET, as an HTTP status; 200 unless told, `silent` never answers. */
  readonly http?: number | 'silent';
  /** What its process was started with; made when the charm starts it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Everything that a hook can see, and everything that it leaves behind. */
export interface State {
  readonly unit: UnitName;
  readonly leader: boolean;
  /** `3.6.1`; decides which hook tools there are. */
  readonly jujuVersion: string;
  readonly model: { readonly name: string; readonly uuid: string };
  /** The unit that a subordinate came with. */
  readonly principal: UnitName | undefined;
  readonly availabilityZone: string;
  readonly proxies: { readonly http: string; readonly https: string; readonly ftp: string; readonly no: string };
  /** The unit's address on every endpoint. */
  readonly address: string;
  /** The time at which the hook begins. */
  readonly now: Date;

  /** What the operator set; the rest has config.yaml's defaults. */
  readonly config: Readonly<Record<string, ConfigValue>>;
  readonly relations: readonly Relation[];
  /** What goal-state knows and the unit has not been told: the units of relations to come, by endpoint, and its own end. */
  readonly goal: { readonly relations: Readonly<Record<string, readonly string[]>>; readonly dying: boolean };
  /** Contents of the resources that were attached. */
  readonly resources: Readonly<Record<string, FileContent>>;
  readonly secrets: readonly Secret[];
  readonly storage: readonly Storage[];
  /** Ports that other units of the machine opened. */
  readonly otherPorts: Readonly<Record<UnitName, readonly PortRange[]>>;

  readonly status: { readonly status: ReadStatusName; readonly message: string };
  readonly applicationStatus: { readonly status: ReadStatusName; readonly message: string };
  readonly workloadVersion: string;
  readonly ports: readonly PortRange[];
  /** What state-set keeps at the controller. */
  readonly stored: Databag;
  /** What leader-set keeps, before Juju 4. */
  readonly leaderSettings: Databag;

  readonly flags: Readonly<Record<Flag, Json>>;
  /** What the charm keeps with its flags. */
  readonly data: Readonly<Record<string, Json>>;
  /** The hook before this one did not come to its end. */
  readonly interrupted: boolean;
  /** Files that the charm wrote into its own folder. */
  readonly charmFiles: Readonly<Record<string, FileContent>>;

  /** Files of the machine by absolute path; a path that ends in `/` is an empty folder. */
  readonly files: Readonly<Record<string, FileContent>>;
  /** Permission bits where they are not 0644 for a file and 0755 for a folder. */
  readonly modes: Readonly<Record<string, number>>;
  /** Symbolic links and what they point at. */
  readonly links: Readonly<Record<string, string>>;
  /** Installed Debian packages and their versions. */
  readonly packages: Readonly<Record<string, string>>;
  /** Packages that apt can install besides; `any` knows every name. */
  readonly archive: 'any' | readonly string[];
  /** System users besides root; each has a group of its name. */
  readonly users: readonly string[];
  readonly services: Readonly<Record<string, Service>>;
  /** Programs that answer otherwise than usual, or that a usual machine does not have. */
  readonly programs: Programs;
  /**
   * Name of the folder that the files are in while a hook runs: the same for a state and all that come of it, because a
   * charm may keep a digest of a text that names it.
   */
  readonly folder: string;
}

type Partly<T> = { readonly [Key in keyof T]?: T[Key] | undefined };

/** A relation with only what matters. */
export type RelationInput = Partly<Omit<Relation, 'id' | 'remoteApp'>> & Pick<Relation, 'id' | 'remoteApp'>;
/** A secret with only what matters; `content` stands for one revision. */
export type SecretInput = Partly<Omit<Secret, 'id'>> & { readonly id: string; readonly content?: Databag };

/** A state with only what matters. */
export type StateInput = Partly<Omit<State, 'relations' | 'goal' | 'secrets' | 'flags' | 'services'>> & {
  readonly goal?: Partly<State['goal']>;
  readonly relations?: readonly RelationInput[];
  readonly secrets?: readonly SecretInput[];
  /** By name, where the values do not matter. */
  readonly flags?: readonly Flag[] | Readonly<Record<Flag, Json>>;
  readonly services?: Readonly<Record<string, Partly<Service>>>;
};

let folders = 0;

const NOTHING: Omit<State, 'folder'> = {
  unit: 'app/0',
  leader: false,
  jujuVersion: '3.6.1',
  model: { name: 'test', uuid: '11111111-2222-4333-8444-555555555555' },
  principal: undefined,
  availabilityZone: '',
  proxies: { http: '', https: '', ftp: '', no: '127.0.0.1,localhost,::1' },
  address: '10.0.0.10',
  now: new Date('2025-01-01T12:00:00Z'),
  config: {},
  relations: [],
  goal: { relations: {}, dying: false },
  resources: {},
  secrets: [],
  storage: [],
  otherPorts: {},
  status: { status: 'unknown', message: '' },
  applicationStatus: { status: 'unknown', message: '' },
  workloadVersion: '',
  ports: [],
  stored: {},
  leaderSettings: {},
  flags: {},
  data: {},
  interrupted: false,
  charmFiles: {},
  files: {},
  modes: {},
  links: {},
  packages: { python3: '3.12.3-0ubuntu2', 'python3-venv': '3.12.3-0ubuntu2', systemd: '255.4-1ubuntu8' },
  archive: 'any',
  users: [],
  services: {},
  programs: {},
};

/**
 * Makes a state of what matters to a test: the rest is that of a fresh unit on a fresh machine. Change one by spreading it:
 * `{ ...before, leader: true }`.
 *
 * @example
 * const before = state({
 *   config: { port: 8080 },
 *   relations: [{ id: 'website:1', remoteApp: 'haproxy', remoteUnits: { 'haproxy/0': {} } }],
 * });
 */
export function state(input: StateInput = {}): State {
  const { relations = [], goal = {}, secrets = [], flags = {}, services = {}, ...rest } = input;
  folders += 1;
  return freeze({
    ...NOTHING,
    folder: `charm-test-${process.pid}-${folders}`,
    ...definedOnly(rest),
    relations: relations.map(relation),
    goal: { ...NOTHING.goal, ...definedOnly(goal) },
    secrets: secrets.map(secret),
    flags: flagValues(flags),
    services: Object.fromEntries(Object.entries(services).map(([unit, known]) => [unit, service(known)])),
  });
}

function relation({ id, remoteApp, ...rest }: RelationInput): Relation {
  return {
    id,
    remoteApp,
    remoteUnits: {},
    remoteAppData: {},
    localUnitData: {},
    localAppData: {},
    ...definedOnly(rest),
  };
}

function secret({ id, content = {}, ...rest }: SecretInput): Secret {
  return {
    id,
    owner: 'user',
    revisions: [content],
    tracked: undefined,
    label: '',
    granted: true,
    ...definedOnly(rest),
  };
}

function service(known: Partly<Service>): Service {
  return { active: false, enabled: false, ...definedOnly(known) };
}

function flagValues(flags: readonly Flag[] | Readonly<Record<Flag, Json>>): Readonly<Record<Flag, Json>> {
  return isList(flags) ? Object.fromEntries(flags.map((flag) => [flag, null])) : flags;
}

function isList(flags: readonly Flag[] | Readonly<Record<Flag, Json>>): flags is readonly Flag[] {
  return Array.isArray(flags);
}

/** `{ leader: undefined }` says no more than `{}`. */
function definedOnly<T extends object>(input: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}

/** Makes a value and all in it immutable; bytes and dates cannot be. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date) return value;
  if (Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
