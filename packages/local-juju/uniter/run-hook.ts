/** One hook of a unit from beginning to end: run, keep or drop what it wrote, remember that it ran or failed. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { dueIn, timestamp } from '../model/clock.ts';
import type { Hook, Unit } from '../model/state.ts';
import { setAgentStatus, setWorkloadStatus } from '../model/status.ts';
import { CommitError, commit } from './commit.ts';
import type { Event } from './environment.ts';
import { hookDone } from './hook-done.ts';
import { hookLog } from './hook-log.ts';
import { execFormatError, runProgram } from './hook-process.ts';
import { hookName, relationId } from './names.ts';
import type { Session } from './session.ts';
import { hostPaths } from './unit-paths.ts';

const UNITER = 'juju.worker.uniter.operation';
const INSTALLING = 'installing charm software';
/** What Juju itself says while the charm begins and ends. */
const DOING: Readonly<Record<string, string>> = {
  install: INSTALLING,
  stop: 'stopping charm software',
  remove: 'cleaning up prior to charm deletion',
};

export async function runHook(session: Session, unit: Unit, hook: Hook): Promise<void> {
  const { state } = session;
  const name = hookName(state, unit.application, hook);
  const versions = versionsNow(session, unit);
  setAgentStatus(state, unit, 'executing', `running ${name} hook`);
  const doing = DOING[name];
  if (doing !== undefined) setWorkloadStatus(state, unit, 'maintenance', doing);
  // By hand resolved, the waiting begins anew.
  const attempts = unit.resolved === 'retry' ? 0 : (unit.failed?.attempts ?? 0);
  delete unit.failed;
  delete unit.resolved;
  unit.running = hook;
  session.save();
  const why = await attempt(session, unit, hook, name);
  if (session.signal?.aborted === true) return;
  delete unit.running;
  if (why === undefined) {
    hookDone(state, unit, hook, versions);
    if (name === 'start' && unit.workload.message === INSTALLING) setWorkloadStatus(state, unit, 'unknown', '');
    if (name === 'remove') setWorkloadStatus(state, unit, 'terminated', '');
  } else fail(session, unit, hook, name, attempts + 1);
  session.save();
}

/** What the hook is about to see, so that a change that comes while it runs is not taken for seen. */
function versionsNow(session: Session, unit: Unit): { readonly config: number; readonly leaderSettings: number } {
  const application = session.state.applications[unit.application];
  return { config: application?.configVersion ?? 0, leaderSettings: application?.leaderSettingsVersion ?? 0 };
}

/** @returns why the hook failed */
async function attempt(session: Session, unit: Unit, hook: Hook, name: string): Promise<string | undefined> {
  const machine = await session.machine(unit.machine);
  const { charm } = hostPaths(machine, unit.name);
  const dispatch = existsSync(join(charm, 'dispatch'));
  const path = dispatch ? 'dispatch' : `hooks/${name}`;
  if (!dispatch && !existsSync(join(charm, path))) {
    session.log(unit.name, 'INFO', UNITER, `skipped ${JSON.stringify(name)} hook (missing)`);
    return undefined;
  }
  const via = dispatch ? 'hook dispatching script: dispatch' : 'explicit, bespoke hook script';
  const why =
    execFormatError(machine, unit.name, path) ??
    (await execute(session, unit, hook, { event: eventOf(session, unit, hook, name), path }));
  if (why === undefined) session.log(unit.name, 'INFO', UNITER, `ran ${JSON.stringify(name)} hook (via ${via})`);
  else session.log(unit.name, 'ERROR', UNITER, `hook ${JSON.stringify(name)} (via ${via}) failed: ${why}`);
  return why;
}

async function execute(
  session: Session,
  unit: Unit,
  hook: Hook,
  { event, path }: { readonly event: Event; readonly path: string },
): Promise<string | undefined> {
  const lines = hookLog(session.log, unit.name, event.name);
  const argv = (charmDir: string) => [`${charmDir}/${path}`];
  const { result, world, context } = await runProgram(session, unit, { event, hook, argv, ...lines });
  if (result.signal !== undefined) return `signal: ${result.signal === 'SIGKILL' ? 'killed' : result.signal}`;
  if (result.code !== 0) return `exit status ${result.code}`;
  try {
    commit(session.state, unit, world, context);
    if (context.pending.reboot !== undefined) await reboot(session, unit);
    return undefined;
  } catch (error) {
    if (error instanceof CommitError) return error.message;
    throw error;
  }
}

/** Every unit of the machine runs start again, as after a boot. */
async function reboot(session: Session, unit: Unit): Promise<void> {
  const machine = await session.machine(unit.machine);
  await machine.reboot();
  for (const other of Object.values(session.state.units)) {
    if (other.machine === unit.machine && other.started && !other.stopped)
      other.queue.push({ kind: 'plain', name: 'start' });
  }
}

function eventOf(session: Session, unit: Unit, hook: Hook, name: string): Event {
  const { state } = session;
  if (hook.kind === 'relation') {
    return {
      name,
      kind: 'hook',
      relation: {
        endpoint: name.slice(0, name.lastIndexOf('-relation-')),
        id: relationId(state, unit.application, hook.relation),
        remoteApp: hook.remoteApp,
        remoteUnit: hook.remoteUnit,
        departingUnit: hook.departingUnit,
      },
    };
  }
  if (hook.kind === 'plain') return { name, kind: 'hook' };
  const secret = state.secrets[hook.secret];
  const label = secret?.consumers[unit.name]?.label ?? '';
  const own = secret?.owner.name === unit.name || secret?.owner.name === unit.application;
  return {
    name,
    kind: 'hook',
    secret: { id: hook.secret, label: own ? (secret?.label ?? '') : label, revision: hook.revision },
  };
}

/** Juju tries again after 5, 10, 20, 40 s and so on, five minutes at most. */
function fail(session: Session, unit: Unit, hook: Hook, name: string, attempts: number): void {
  const { state } = session;
  const wait = Math.min(5000 * 2 ** (attempts - 1), 300_000);
  const message = `hook failed: ${JSON.stringify(name)}`;
  unit.failed = { hook, attempts, retryAt: dueIn(state, wait), message, since: timestamp(state) };
  setAgentStatus(state, unit, 'error', message);
  session.log(unit.name, 'INFO', 'juju.worker.uniter', `awaiting error resolution for ${JSON.stringify(name)} hook`);
}
