/**
 * What Juju tells a hook by its environment.
 * Source: https://documentation.ubuntu.com/juju/3.6/reference/hook/#hook-execution
 */
import { basename } from 'node:path';
import * as v from 'valibot';
import type { HookEvent, UnitEnvironment } from './types.ts';

/** The event and the unit that a process was started for. */
export interface HookEnvironment {
  readonly event: HookEvent;
  readonly unit: UnitEnvironment;
  /** Another in every hook: `wsgi/0-update-status-` and 32 random digits. */
  readonly contextId: string;
}

/** The process was not started by Juju, or not the way Juju does it. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';
}

type Variables = Readonly<Record<string, string | undefined>>;

const UNIT_NAME = v.pipe(v.string(), v.regex(/^[a-z0-9-]+\/[0-9]+$/));
const RELATION_HOOK = /^(.+)-relation-(created|joined|changed|departed|broken)$/;
const ACTION_SCRIPT = /(?:^|\/)actions\/([^/]+)$/;
const steps = v.picklist(['created', 'joined', 'changed', 'departed', 'broken']);

/** The name that `juju exec` gives its contexts. */
const JUJU_EXEC = 'juju-exec';

/**
 * Reads the event and the unit from the environment of a hook or an action.
 * @param script what was started, as in `process.argv`; the last resort for the name of the event
 * @throws EnvironmentError when JUJU_UNIT_NAME or the name of the event is missing
 *
 * @example
 * const { event, unit } = hookEnvironment(process.env, process.argv[1]);
 */
export function hookEnvironment(env: Variables, script = ''): HookEnvironment {
  return { event: hookEvent(env, script), unit: unitEnvironment(env), contextId: env.JUJU_CONTEXT_ID ?? '' };
}

function unitEnvironment(env: Variables): UnitEnvironment {
  const unit = v.safeParse(UNIT_NAME, env.JUJU_UNIT_NAME);
  if (!unit.success) throw new EnvironmentError('JUJU_UNIT_NAME is not set: this program is started by Juju');
  return {
    unit: unit.output,
    application: unit.output.slice(0, unit.output.lastIndexOf('/')),
    modelName: env.JUJU_MODEL_NAME ?? '',
    modelUuid: env.JUJU_MODEL_UUID ?? '',
    charmDir: given(env.JUJU_CHARM_DIR) ?? given(env.CHARM_DIR) ?? process.cwd(),
    jujuVersion: env.JUJU_VERSION ?? '',
    principalUnit: given(env.JUJU_PRINCIPAL_UNIT),
    availabilityZone: given(env.JUJU_AVAILABILITY_ZONE),
    proxies: {
      http: given(env.JUJU_CHARM_HTTP_PROXY),
      https: given(env.JUJU_CHARM_HTTPS_PROXY),
      ftp: given(env.JUJU_CHARM_FTP_PROXY),
      no: given(env.JUJU_CHARM_NO_PROXY),
    },
  };
}

function hookEvent(env: Variables, script: string): HookEvent {
  const action = actionOf(env, script);
  if (action !== undefined) return { name: action.name, kind: 'action', action };
  const name = given(env.JUJU_HOOK_NAME) ?? (basename(given(env.JUJU_DISPATCH_PATH) ?? script) || undefined);
  if (name === undefined) throw new EnvironmentError('neither JUJU_HOOK_NAME nor JUJU_DISPATCH_PATH names the event');
  const relation = relationOf(env, name);
  const secret = secretOf(env);
  return {
    name,
    kind: 'hook',
    relation,
    secret,
  };
}

/** Under `juju exec actions/NAME` there is no action to Juju (hence no tag), but there is one to whoever typed it. */
function actionOf(env: Variables, script: string): HookEvent['action'] {
  const byJuju = given(env.JUJU_ACTION_NAME);
  const byHand = ACTION_SCRIPT.exec(script)?.[1] ?? ACTION_SCRIPT.exec(env.JUJU_DISPATCH_PATH ?? '')?.[1];
  const name = byJuju === JUJU_EXEC ? (byHand ?? byJuju) : (byJuju ?? byHand);
  return name === undefined ? undefined : { name, tag: byJuju === JUJU_EXEC ? '' : (env.JUJU_ACTION_TAG ?? '') };
}

function relationOf(env: Variables, name: string): HookEvent['relation'] {
  const id = given(env.JUJU_RELATION_ID);
  const step = v.safeParse(steps, RELATION_HOOK.exec(name)?.[2]);
  if (id === undefined || !step.success) return undefined;
  return {
    endpoint: given(env.JUJU_RELATION) ?? id.replace(/:.*$/, ''),
    id,
    remoteApp: given(env.JUJU_REMOTE_APP) ?? given(env.JUJU_REMOTE_UNIT)?.replace(/\/.*$/, ''),
    remoteUnit: given(env.JUJU_REMOTE_UNIT),
    departingUnit: given(env.JUJU_DEPARTING_UNIT),
    step: step.output,
  };
}

function secretOf(env: Variables): HookEvent['secret'] {
  const id = given(env.JUJU_SECRET_ID);
  if (id === undefined) return undefined;
  return { id, label: env.JUJU_SECRET_LABEL ?? '', revision: env.JUJU_SECRET_REVISION ?? '' };
}

/** Juju sets most variables always, empty where there is nothing to say. */
function given(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}
