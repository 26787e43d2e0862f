/** What handlers of a charm's author ask of the layer: kept until they take it back, and given to no log. */
import * as v from 'valibot';
import type { PrivateRecord } from '../system/private-record.ts';
import { record } from '../system/record-schema.ts';
import type { ApplicationProcess, Process, Wsgi } from './api.ts';
import { MOST_OF_A_PROCESS, PROCESS_NAME, roleOf } from './process-names.ts';

const KEY = 'wsgi.asks';

const Asks = v.object({
  /** Counts the restarts that were asked for: another number is another generation of the service. */
  restarts: v.number(),
  environment: record(v.string()),
  checks: record(
    v.object({ description: v.string(), command: v.pipe(v.tupleWithRest([v.string()], v.string()), v.readonly()) }),
  ),
  processes: v.optional(record(v.object({ command: v.string(), count: v.optional(v.number()) })), {}),
});
export type Asks = v.InferOutput<typeof Asks>;

export function readAsks(keep: PrivateRecord): Asks {
  const parsed = v.safeParse(Asks, keep.get(KEY));
  return parsed.success ? parsed.output : { restarts: 0, environment: {}, checks: {}, processes: {} };
}

/**
 * The author's side of it.
 *
 * @param process how the application was started
 * @param changed called when something is asked for that was not before
 */
export function wsgiFor(keep: PrivateRecord, process: () => ApplicationProcess, changed: () => void): Wsgi {
  const change = (mutate: (asks: Asks) => Asks) => {
    const [before, after] = [JSON.stringify(readAsks(keep)), JSON.stringify(mutate(readAsks(keep)))];
    if (before === after) return;
    keep.set(KEY, JSON.parse(after));
    changed();
  };
  return {
    get python() {
      return process().python;
    },
    get environmentFile() {
      return process().environmentFile;
    },
    get user() {
      return process().user;
    },
    get group() {
      return process().group;
    },
    get workingDirectory() {
      return process().workingDirectory;
    },
    restart: () => change((asks) => ({ ...asks, restarts: asks.restarts + 1 })),
    setEnvironment: (name, value) =>
      change((asks) => ({ ...asks, environment: withEntry(asks.environment, name, value) })),
    setCheck: (name, check) => change((asks) => ({ ...asks, checks: withEntry(asks.checks, name, check) })),
    setProcess: (name, process) => {
      if (process !== undefined) checkProcess(name, process);
      change((asks) => ({ ...asks, processes: withEntry(asks.processes, name, process && { ...process }) }));
    },
  };
}

/** @throws Error for what no unit could be made of: a mistake of the charm's author, whose handler fails with it */
function checkProcess(name: string, { command, count = 1 }: Process): void {
  const role = roleOf(name);
  if (!PROCESS_NAME.test(name) || role === 'web' || role === 'release') {
    throw new Error(`wsgi.setProcess: ${JSON.stringify(name)} cannot be the name of a process; worker is right`);
  }
  if (command.trim() === '' || command.includes('\0')) throw new Error(`wsgi.setProcess: ${name} has no command`);
  if (!Number.isInteger(count) || count < 0 || count > MOST_OF_A_PROCESS || (role === 'scheduler' && count > 1)) {
    throw new Error(`wsgi.setProcess: ${name} cannot run ${count} times on a unit`);
  }
}

function withEntry<Value>(
  entries: Readonly<Record<string, Value>>,
  name: string,
  value: Value | undefined,
): Record<string, Value> {
  const { [name]: _, ...others } = entries;
  return value === undefined ? others : { ...others, [name]: value };
}
