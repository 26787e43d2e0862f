/** The actions of actions.yaml. Each ends in a result worth reading, or fails with a sentence. */
import type { WsgiApi } from '../api.ts';
import { runChecks } from './check.ts';
import { listBuilds } from './list-builds.ts';
import { provisionNow } from './provision.ts';
import { restartNow } from './restart.ts';
import { setCurrentSymlink } from './set-current-symlink.ts';
import { showEnvironment } from './show-environment.ts';

/** Returns whether what is wanted may have changed, so that the unit looks again. */
type Act = (api: WsgiApi) => Promise<boolean> | boolean;

const ACTIONS: Readonly<Record<string, Act>> = {
  'list-builds': listBuilds,
  'set-current-symlink': setCurrentSymlink,
  restart: restartNow,
  'show-environment': showEnvironment,
  provision: provisionNow,
  check: runChecks,
};

/** Runs the action of this event. Actions that the charm's author added are left to their own handlers. */
export async function act(api: WsgiApi): Promise<boolean> {
  const run = Object.hasOwn(ACTIONS, api.event.name) ? ACTIONS[api.event.name] : undefined;
  return run === undefined ? false : run(api);
}
