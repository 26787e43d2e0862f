/** One hook's view of Juju: asked lazily and once, written at the end and only where it differs. */
import { statSync } from 'node:fs';
import * as v from 'valibot';
import { actionFail, actionGet, actionSet } from './action.ts';
import { Answers, once } from './answers.ts';
import { configGet } from './config.ts';
import { Databags, isGone } from './databags.ts';
import type { HookEnvironment } from './environment.ts';
import { isLeader } from './leader.ts';
import { debugLine, jujuLog } from './log.ts';
import { Memory, type RememberedAnswers } from './memory.ts';
import { goalState } from './model.ts';
import { networkGet } from './network.ts';
import { OpenedPorts } from './opened-ports.ts';
import { relationIds, relationList, relationListApp } from './relation.ts';
import { resourceGet } from './resource.ts';
import { HookToolError, type ToolRunner } from './run.ts';
import { SecretContents } from './secret-contents.ts';
import { forgetAfter, forgetBefore, noteRelations, type Pick, pickBy } from './staleness.ts';
import { storageGet, storageList } from './storage.ts';
import type { HookContext } from './types.ts';
import { UnitStatus } from './unit-status.ts';

/** A {@link HookContext} that says what to remember for the next hook. */
export interface RememberingContext extends HookContext {
  /** What to keep for the next hook, after {@link HookContext.commit}. Holds databags and secrets: for root only. */
  remember(): RememberedAnswers;
  /** Call when another program has run that may have called hook tools itself: its writes are not known here. */
  forgetOwnWrites(): void;
}

export interface ContextOptions {
  /** Which answer update-status doubts; chosen by the hook's id unless told, which takes no memory of the last one. */
  readonly pick?: Pick;
  /** Where debug lines go; standard output, which Juju logs as DEBUG, unless told. */
  readonly print?: (line: string) => void;
  /** Whether the charm has a hook for Juju to tell it of new revisions of secrets; what was read counts for one hook only if not. */
  readonly hearsOfSecrets?: boolean;
}

const texts = v.array(v.string());
const addresses = v.nullable(v.object({ bindAddresses: texts, ingressAddresses: texts, egressSubnets: texts }));

/**
 * Begins a hook.
 * @param remembered what {@link RememberingContext.remember} returned in the hook before, if that one ended well
 *
 * @example
 * const file = 'memory.json';
 * const remembered: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
 * const juju = createHookContext(runTool, hookEnvironment(process.env), remembered);
 * juju.setStatus('active', 'Ready');
 * juju.commit();
 * writeFileSync(file, JSON.stringify(juju.remember()));
 */
export function createHookContext(
  run: ToolRunner,
  { event, unit, contextId }: HookEnvironment,
  remembered?: unknown,
  options: ContextOptions = {},
): RememberingContext {
  const memory = new Memory(remembered);
  forgetBefore(memory, event, options.pick ?? pickBy(contextId));
  if (options.hearsOfSecrets === false) memory.forgetWhere((question) => question.startsWith('secret-get '));

  const print = options.print ?? debugLine;
  const log = (level: Parameters<HookContext['log']>[0], message: string) => jujuLog(run, level, message);
  const ids = new Answers(memory, 'relation-ids', texts);
  const units = new Answers(memory, 'relation-list', texts);
  const apps = new Answers(memory, 'relation-list --app', v.nullable(v.string()));
  const networks = new Answers(memory, 'network-get', addresses);
  const resources = new Answers(memory, 'resource-get', v.nullable(v.string()));
  const leader = new Answers(memory, 'is-leader', v.boolean());
  const databags = new Databags(run, memory, unit);
  const ports = new OpenedPorts(run, memory);
  const status = new UnitStatus(run, memory);
  const secrets = new SecretContents(run, memory);
  const results = new Map<string, string>();
  /** `juju exec actions/NAME` is an action to us only. */
  const calledByJuju = event.action !== undefined && event.action.tag !== '';
  let failure: string | undefined;

  return {
    event,
    unit,
    config: once(() => configGet(run)),
    // Becoming the leader comes as leader-elected; ceasing to be it comes as nothing.
    isLeader: () =>
      leader.get(
        '',
        () => isLeader(run),
        (answer) => !answer,
      ),
    relationIds: (endpoint) =>
      ids.get(
        endpoint,
        () => relationIds(run, endpoint),
        (known) => noteRelations(memory, event, endpoint, known),
      ),
    relationUnits: (id) => units.get(id, () => unlessGone(() => relationList(run, id), [])),
    relationApp: (id) =>
      (event.relation?.id === id ? event.relation.remoteApp : undefined) ??
      apps.get(
        id,
        () => unlessGone(() => relationListApp(run, id), null),
        (app) => app !== null,
      ) ??
      undefined,
    relationGet: (id, entity) => databags.get(id, entity),
    relationSet: (id, data, { app = false } = {}) => {
      if (event.relation?.id === id && event.relation.step === 'broken') return;
      const outcome = databags.set(id, data, app, () =>
        leader.get(
          '',
          () => isLeader(run),
          (answer) => !answer,
        ),
      );
      if (outcome === 'refused') print(`relation ${id}: only the leader writes the application's data`);
    },
    openedPorts: () => ports.get(),
    openPort: (port) => ports.want(port, 'open'),
    closePort: (port) => ports.want(port, 'close'),
    network: (endpoint, id) =>
      networks.get(id === undefined ? endpoint : `${endpoint} ${id}`, () =>
        unlessGone(() => copyOf(networkGet(run, endpoint, id)), null),
      ) ?? undefined,
    resource: (name) => resourcePath(resources, run, name),
    secret: (uri, { refresh = false } = {}) => secrets.get(uri, refresh),
    storageIds: (name) => storageList(run, name),
    storage: (id) => (storageList(run).includes(id) ? storageGet(run, id) : undefined),
    addSecret: (content, settings = {}) => secrets.add(content, settings),
    setSecret: (uri, content, settings = {}) => secrets.set(uri, content, settings),
    removeSecret: (uri) => secrets.remove(uri),
    grantSecret: (uri, id, unit) => secrets.grant(uri, id, unit),
    goalState: once(() => goalState(run)),
    setStatus: (name, message) => status.want({ status: name, message }),
    showStatus: (name, message) => status.show({ status: name, message }),
    setApplicationVersion: (version) => status.wantVersion(version),
    log,
    debug: print,
    actionParams: once(() => (calledByJuju ? actionGet(run) : {})),
    actionResult: (more) => {
      for (const [name, value] of Object.entries(more)) results.set(name, value);
    },
    actionFail: (message) => {
      failure = message;
    },
    currentStatus: () => status.current(),
    commit: () => {
      const refused = (error: HookToolError) => log('WARNING', `${error.command}: ${error.reason}`);
      const written = [...ports.commit(refused), ...databags.commit(refused)];
      memory.noteWritten(event, written);
      status.commit();
      if (calledByJuju && results.size > 0) actionSet(run, Object.fromEntries(results));
      if (calledByJuju && failure !== undefined) actionFail(run, failure);
      if (!calledByJuju) for (const [name, value] of results) print(`${name}: ${value}`);
      if (!calledByJuju && failure !== undefined) print(failure);
      results.clear();
      failure = undefined;
    },
    remember: () => {
      forgetAfter(memory, event);
      return memory.toJSON();
    },
    forgetOwnWrites: () => {
      status.forget();
      ports.forget();
      databags.forgetOwn();
    },
  };
}

/** @throws HookToolError when Juju was not reached, other than when what was asked about is not there */
function unlessGone<T>(ask: () => T, otherwise: T): T {
  try {
    return ask();
  } catch (error) {
    if (isGone(error)) return otherwise;
    throw error;
  }
}

function copyOf(
  network: { readonly [Key in 'bindAddresses' | 'ingressAddresses' | 'egressSubnets']: readonly string[] },
) {
  return {
    bindAddresses: [...network.bindAddresses],
    ingressAddresses: [...network.ingressAddresses],
    egressSubnets: [...network.egressSubnets],
  };
}

/** A resource that was not attached is a file of 0 bytes, or a failure of the tool. */
function resourcePath(resources: Answers<string | null>, run: ToolRunner, name: string): string | undefined {
  const ask = () => {
    try {
      return resourceGet(run, name);
    } catch (error) {
      if (error instanceof HookToolError) return null;
      throw error;
    }
  };
  const known = resources.known(name);
  if (typeof known === 'string' && sizeOf(known) === undefined) resources.forget(name);
  const path = resources.get(name, ask);
  return path === null || !sizeOf(path) ? undefined : path;
}

/** Bytes; undefined where there is no file. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}
