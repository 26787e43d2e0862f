/**
 * Tells whether there is anything to do, without starting a process and without loading the code that would do it. There is
 * nothing to do when the inputs are the same, the files made from them are untouched, and the process still runs.
 */
import * as v from 'valibot';
import { startTime, workersOf } from '../../system/processes.ts';
import { record } from '../../system/record-schema.ts';
import { statFingerprint } from '../../system/stat-fingerprint.ts';
import { digest } from '../../system/text-digest.ts';
import type { WsgiApi } from '../api.ts';
import { readAsks } from '../author-requests.ts';
import { secretUrisIn } from '../config/secret-uri.ts';
import { observe, type Reads, type Related } from '../relations/databags.ts';
import { isAsIndexed } from '../source/source-index.ts';

const KEY = 'wsgi.settled';

const Settled = v.object({
  /** The endpoints that were read for it. The table that names them is loaded only when something must be done. */
  endpoints: record(v.object({ reads: v.picklist(['databags', 'application', 'presence']) })),
  /** Of all that was read from Juju. */
  inputs: v.string(),
  /** Of the files that were written, and of those that may be put beside them. */
  files: v.string(),
  /** Machine paths of these files. */
  paths: v.array(v.string()),
  /** The main process and its workers: those that died may have been replaced by some that hang; absent where it is right that none runs. */
  process: v.optional(
    v.object({ pid: v.number(), start: v.string(), workers: v.array(v.tuple([v.number(), v.string()])) }),
  ),
  /** The processes of the Procfile that run here. */
  processes: v.optional(v.array(v.tuple([v.number(), v.string()])), []),
  /** Whether the unit led; absent where that makes no difference. */
  leads: v.optional(v.boolean()),
});

/** What a look at everything ended with: the endpoints and files to watch, and the process to find alive. */
export interface Watched {
  readonly endpoints: Readonly<Record<string, Reads>>;
  readonly paths: readonly string[];
  /** The main process of the web server. */
  readonly pid: number | undefined;
  /** Main processes of the other processes. */
  readonly processes: readonly number[];
  /** Whether this unit leads; undefined where that makes no difference. */
  readonly leads: boolean | undefined;
}

/** Hooks that look at everything, whatever is remembered. */
const FULL_LOOK: ReadonlySet<string> = new Set([
  'install',
  'start',
  'stop',
  'remove',
  'upgrade-charm',
  'leader-elected',
  'secret-changed',
  'post-series-upgrade',
]);

/** Nothing has changed since the last hook that ended well. */
export function isUnchanged(api: WsgiApi): boolean {
  // A hook that was killed may have written to Juju or changed the machine without a trace in the files watched here.
  if (api.interrupted) return false;
  if (api.event.relation?.departingUnit === api.juju.unit.unit) return false;
  if (api.event.kind === 'action' || FULL_LOOK.has(api.event.name)) return false;
  if (api.flags.isSet('wsgi.source.available') && !isAsIndexed(api.machine, api.data)) return false;
  const last = v.safeParse(Settled, api.data.get(KEY));
  if (!last.success || last.output.inputs !== inputsDigest(api, last.output.endpoints)) return false;
  const { process, processes, files, paths, leads } = last.output;
  if (process !== undefined && !isTheSame(process)) return false;
  if (!processes.every(([pid, start]) => startTime(pid) === start)) return false;
  if (leads !== undefined && leads !== api.juju.isLeader()) return false;
  return files === statFingerprint(api.machine, paths);
}

type Process = NonNullable<v.InferOutput<typeof Settled>['process']>;

function isTheSame({ pid, start, workers }: Process): boolean {
  return startTime(pid) === start && workers.every(([worker, began]) => startTime(worker) === began);
}

function startedWorkers(pid: number): Process['workers'] {
  return workersOf(pid).flatMap((worker): Process['workers'] => {
    const start = startTime(worker);
    return start === undefined ? [] : [[worker, start]];
  });
}

/** Remembers the world as it was left. Without it there was a problem, and the next hook looks again. */
export function rememberUnchanged(api: WsgiApi, watched: Watched | undefined): void {
  if (watched === undefined) {
    api.data.unset(KEY);
    return;
  }
  const start = watched.pid === undefined ? undefined : startTime(watched.pid);
  const endpoints = Object.fromEntries(Object.entries(watched.endpoints).map(([name, { reads }]) => [name, { reads }]));
  api.data.set(KEY, {
    endpoints,
    inputs: inputsDigest(api, endpoints),
    files: statFingerprint(api.machine, watched.paths),
    paths: [...watched.paths],
    ...(watched.pid === undefined || start === undefined
      ? {}
      : { process: { pid: watched.pid, start, workers: startedWorkers(watched.pid) } }),
    processes: watched.processes.map((pid) => [pid, startTime(pid) ?? '']),
    ...(watched.leads === undefined ? {} : { leads: watched.leads }),
  });
}

function inputsDigest({ juju, keep, hearsOfSecrets }: WsgiApi, endpoints: Watched['endpoints']): string {
  const { unit } = juju;
  const relations = observe(juju, endpoints);
  const named = hearsOfSecrets ? [] : [...secretsNamedIn(relations), ...secretUrisIn(JSON.stringify(juju.config()))];
  const secrets = named.map((uri) => juju.secret(uri, { refresh: true }));
  return digest(JSON.stringify([juju.config(), relations, secrets, unit.proxies, unit.unit, readAsks(keep)]));
}

function secretsNamedIn(relations: Readonly<Record<string, readonly Related[]>>): string[] {
  const values = Object.values(relations).flatMap((related) => related.flatMap(({ appBag }) => Object.values(appBag)));
  return values.filter((value) => value.startsWith('secret:'));
}
