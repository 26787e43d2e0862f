/** state-get, state-set, state-delete; leader-get and leader-set, which Juju 4 no longer has. */

import { GoNil } from './go-value.ts';
import { keyValues, withFile } from './settings.ts';
import {
  boolFlag,
  checkEmpty,
  type Invocation,
  parseQuiet,
  parseWithFormat,
  print,
  stringFlag,
  ToolError,
} from './tool.ts';
import { withChanges } from './world.ts';

export function stateGet(run: Invocation): void {
  const strict = boolFlag();
  const { rest, format } = parseWithFormat(run, { strict: strict.flag });
  const [key = '', ...more] = rest;
  checkEmpty(more);
  const state = withChanges(run.world.state, run.context.pending.state);
  if (key === '' || key === '-') {
    print(run, format, Object.keys(state).length === 0 ? new GoNil('{}') : state);
    return;
  }
  const value = Object.hasOwn(state, key) ? state[key] : undefined;
  if (value === undefined && strict.on) throw new ToolError(1, `${JSON.stringify(key)} not found`);
  // Juju answers with an empty string, not with null.
  print(run, format, value ?? '');
}

export function stateSet(run: Invocation): void {
  const file = stringFlag();
  const rest = parseQuiet(run, { file: file.flag });
  for (const [key, value] of withFile(run, file.value, keyValues(rest))) run.context.pending.state.set(key, value);
}

export function stateDelete(run: Invocation): void {
  const [key = '', ...more] = parseQuiet(run, {});
  checkEmpty(more);
  if (key !== '') run.context.pending.state.set(key, '');
}

export function leaderGet(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  const [key = '', ...more] = rest;
  checkEmpty(more);
  const settings = withChanges(run.world.leaderSettings, run.context.pending.leaderSettings);
  print(
    run,
    format,
    key === '' || key === '-' ? settings : Object.hasOwn(settings, key) ? (settings[key] ?? null) : null,
  );
}

export function leaderSet(run: Invocation): void {
  const settings = keyValues(parseQuiet(run, {}));
  if (!run.world.leader) {
    throw new ToolError(1, 'cannot write leadership settings: cannot write settings: not the leader');
  }
  for (const [key, value] of settings) run.context.pending.leaderSettings.set(key, value);
}

export function isLeader(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  checkEmpty(rest);
  print(run, format, run.world.leader);
}
