/** action-get, action-set, action-fail, action-log: in an action (and in exec) only. */

import { fromJson, type GoValue, isGoMap } from './go-value.ts';
import { checkEmpty, type Invocation, parseQuiet, parseWithFormat, print, ToolError } from './tool.ts';
import type { ActionResults, RunningAction } from './world.ts';

function running(run: Invocation): RunningAction {
  if (run.context.action === undefined) throw new ToolError(1, 'not running an action');
  return run.context.action;
}

export function actionGet(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  const [path, ...more] = rest;
  checkEmpty(more);
  const params = fromJson(running(run).params);
  print(run, format, path === undefined ? params : descend(params, path.split('.')));
}

function descend(value: GoValue, keys: readonly string[]): GoValue {
  const [key, ...further] = keys;
  if (key === undefined) return value;
  return isGoMap(value) && Object.hasOwn(value, key) ? descend(value[key] ?? null, further) : null;
}

const KEY = /^[a-z0-9](([a-z0-9-.]+)?[a-z0-9])?$/;
const RESERVED = ['stdout', 'stdout-encoding', 'stderr', 'stderr-encoding'];

export function actionSet(run: Invocation): void {
  const settings = parseQuiet(run, {}).map(parseResult);
  const { results } = running(run);
  for (const { keys, value } of settings) place(results, keys, value);
}

function parseResult(argument: string): { readonly keys: readonly string[]; readonly value: string } {
  const equals = argument.indexOf('=');
  if (equals < 0) throw new ToolError(2, `argument ${JSON.stringify(argument)} must be of the form key...=value`);
  const keys = argument.slice(0, equals).split('.');
  for (const key of keys) {
    if (!KEY.test(key)) {
      const rule =
        'must start and end with lowercase alphanumeric, and contain only lowercase alphanumeric and hyphens';
      throw new ToolError(2, `key ${JSON.stringify(key)} ${rule}`);
    }
    if (RESERVED.includes(key)) throw new ToolError(2, `cannot set reserved action key ${JSON.stringify(key)}`);
  }
  return { keys, value: argument.slice(equals + 1) };
}

/** The last one wins: a map takes the place of a value, a value that of a map. */
function place(results: ActionResults, keys: readonly string[], value: string): void {
  const [key = '', ...further] = keys;
  if (further.length === 0) {
    results[key] = value;
    return;
  }
  const inner = results[key];
  const map: ActionResults = typeof inner === 'object' ? inner : {};
  results[key] = map;
  place(map, further, value);
}

export function actionFail(run: Invocation): void {
  const [message = 'action failed without reason given, check action for errors', ...more] = parseQuiet(run, {});
  checkEmpty(more);
  running(run).failure = message;
}

export function actionLog(run: Invocation): void {
  const words = parseQuiet(run, {});
  if (words.length === 0) throw new ToolError(2, 'no message specified');
  running(run);
  run.context.effect({ kind: 'action-log', message: words.join(' ') });
}
