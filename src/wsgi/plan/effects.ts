/** What a change of options would do to a unit, as lines for a person: a comparison of what serves with what would. */
import type { Variables } from '../config/environment-variables.ts';
import type { Rollout } from '../fleet/turns.ts';
import type { Plan } from '../processes/plan.ts';
import type { Step } from '../service/step.ts';

/** What serves now. */
export interface Now {
  /** Label of its build; undefined where code is served in place, or nothing is. */
  readonly label: string | undefined;
  readonly folder: string;
  /** What the running process was given. */
  readonly environment: Variables;
  /** The ports that are open. */
  readonly ports: readonly number[];
  readonly runs: boolean;
  /** The processes that run. */
  readonly processes: ReadonlySet<string>;
}

/** What would serve. */
export interface Wanted {
  /** Debian packages that are not installed. */
  readonly packages: readonly string[];
  /** What is brought here first, and where from. */
  readonly install: { readonly what: string; readonly from: string } | undefined;
  /** Labels of builds that go. */
  readonly remove: readonly string[];
  readonly label: string | undefined;
  readonly folder: string;
  readonly environment: Variables;
  /** Undefined where nothing is to listen here. */
  readonly port: number | undefined;
  /** Endpoint and number of each relation on which something else is asked for, and what. */
  readonly asks: readonly { readonly id: string; readonly keys: readonly string[] }[];
  /** A rollout in which this unit waits for its turn. */
  readonly turn: Rollout | undefined;
  /** Undefined where the build is not here yet, so that what is in it cannot be told. */
  readonly known: Known | undefined;
}

/** What can be told of a build that is here. */
export interface Known {
  /** Version of a Python that has to be installed. */
  readonly python: string | undefined;
  /** Whether there is a virtual environment for its requirements already. */
  readonly installed: boolean;
  /** Targets that have not been made. */
  readonly make: readonly string[];
  /** The command that is run, in the words of a sentence. */
  readonly provision: string | undefined;
  readonly processes: Plan;
  /** Undefined where a gunicorn subordinate serves it. */
  readonly step: Step | undefined;
}

/** One line an effect, in the order in which they come; empty where nothing would change. */
export function effects(now: Now, wanted: Wanted): string[] {
  const { packages, install, remove, known } = wanted;
  const moves = wanted.folder !== now.folder;
  return [
    ...said('apt: installs', packages),
    ...(install === undefined ? [] : [`build: installs ${install.what} from ${install.from}`]),
    ...(known === undefined ? ['build: what it requires and its Procfile are known once it is here'] : steps(known)),
    ...variables(now.environment, wanted.environment),
    ...wanted.asks.map(({ id, keys }) => `relations: asks on ${id} for another ${keys.join(', ')}`),
    ...(known === undefined ? [] : processes(now, known.processes)),
    ...(wanted.turn === undefined ? [] : [`rollout: waits for the turn of this unit, as it is ${wanted.turn}`]),
    ...(moves && wanted.label !== undefined ? [`serves: ${wanted.label}${instead(now.label)}`] : []),
    ...restart(now, wanted),
    ...ports(now.ports, wanted.port),
    ...said('build: removes', remove),
  ];
}

function said(verb: string, names: readonly string[]): string[] {
  return names.length === 0 ? [] : [`${verb} ${names.join(', ')}`];
}

function instead(label: string | undefined): string {
  return label === undefined ? '' : ` in place of ${label}`;
}

function steps({ python, installed, make, provision }: Known): string[] {
  return [
    ...(python === undefined ? [] : [`python: installs Python ${python}`]),
    ...(installed ? [] : ['pip: makes a virtual environment for the requirements']),
    ...said('make: runs', make),
    ...(provision === undefined ? [] : [`provision: runs ${provision}`]),
  ];
}

/** By name: a value may be a secret. */
function variables(before: Variables, after: Variables): string[] {
  const names = (all: Variables, which: (name: string) => boolean) => [...all.keys()].filter(which).sort();
  return [
    ...said(
      'variables: sets',
      names(after, (name) => !before.has(name)),
    ),
    ...said(
      'variables: changes',
      names(after, (name) => before.has(name) && before.get(name) !== after.get(name)),
    ),
    ...said(
      'variables: removes',
      names(before, (name) => !after.has(name)),
    ),
  ];
}

function processes({ processes: running }: Now, { start, stop }: Plan): string[] {
  return [
    ...said(
      'processes: starts',
      start.filter((unit) => !running.has(unit)),
    ),
    ...said(
      'processes: restarts',
      start.filter((unit) => running.has(unit)),
    ),
    ...said('processes: stops', stop),
  ];
}

function restart(now: Now, { known, port }: Wanted): string[] {
  if (port === undefined) return now.runs ? ['stop: the web server stops'] : [];
  switch (known === undefined ? 'replace' : known.step) {
    case undefined:
      return ['restart: the gunicorn subordinate is told, and restarts where something has changed'];
    case 'none':
      return [];
    case 'stopped':
      return ['restart: none, since somebody stopped gunicorn3.service'];
    case 'restart':
      return ['restart: what serves is started once more, for its port'];
    case 'replace':
      return [
        now.runs
          ? 'restart: the new version is tried beside the old one, and takes its place'
          : 'start: the application is started',
      ];
  }
}

function ports(open: readonly number[], wanted: number | undefined): string[] {
  const others = open.filter((port) => port !== wanted);
  return [
    ...(wanted === undefined || open.includes(wanted) ? [] : [`ports: opens ${wanted}`]),
    ...others.map((port) => `ports: closes ${port}${wanted === undefined ? '' : ' after a minute'}`),
  ];
}
