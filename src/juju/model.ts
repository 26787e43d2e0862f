/** https://documentation.ubuntu.com/juju/3.6/reference/hook-command/list-of-hook-commands/ (goal-state, credential-get, juju-reboot) */
import * as v from 'valibot';
import { call, read, type ToolRunner } from './run.ts';

/** What the operator wants the model to become: units and relations that are on their way. @throws HookToolError */
export function goalState(run: ToolRunner): unknown {
  return read(run, v.unknown(), 'goal-state');
}

/** The cloud and its credential, for an application that is trusted. @throws HookToolError */
export function credentialGet(run: ToolRunner): unknown {
  return read(run, v.unknown(), 'credential-get');
}

/** Reboots the machine when the hook has succeeded, or `now`, to run the hook again afterwards. @throws HookToolError */
export function jujuReboot(run: ToolRunner, options: { now?: boolean } = {}): void {
  call(run, 'juju-reboot', options.now === true ? ['--now'] : []);
}
