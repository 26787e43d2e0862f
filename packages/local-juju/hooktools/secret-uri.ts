/** Names of secrets: `secret:ID`, `secret://MODEL-UUID/ID`, bare `ID`; keys and times of `secret-add`. */

import type { Databag } from '../types.ts';
import { readFile, yamlSettings } from './settings.ts';
import { type Invocation, ToolError } from './tool.ts';
import type { RotatePolicy } from './world.ts';

const UUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const URI = new RegExp(`^(?:secret:(?://(?:${UUID})/)?)?([0-9a-z]{20})$`);

/** The ID of a URI; `undefined` where it is none. */
export function secretId(uri: string): string | undefined {
  return URI.exec(uri)?.[1];
}

/** @throws ToolError 2 */
export function needSecretId(uri: string): string {
  const id = secretId(uri);
  if (id === undefined) throw new ToolError(2, `secret URI ${JSON.stringify(uri)} not valid`);
  return id;
}

const KEY = /^[a-z](-?[a-z0-9]){2,}$/;

/** Values come out as base64. `key#base64=` is taken as it is, `key#file=` reads the file. @throws ToolError 2 */
export function secretData(run: Invocation, args: readonly string[]): Databag {
  const data: Record<string, string> = {};
  for (const arg of args) {
    const equals = arg.indexOf('=');
    if (equals < 0) throw new ToolError(2, `key value ${JSON.stringify(arg)} not valid`);
    const [key = '', kind] = arg.slice(0, equals).split('#');
    if (!KEY.test(key)) throw new ToolError(2, `key ${JSON.stringify(key)} not valid`);
    const text = arg.slice(equals + 1);
    if (kind === 'base64') data[key] = text;
    else data[key] = base64(kind === 'file' ? readFile(run, text) : text);
  }
  return data;
}

/** A YAML map of keys (`key#base64` too) to values. @throws ToolError */
export function secretFile(run: Invocation, path: string): Databag {
  const settings = yamlSettings(readFile(run, path));
  return secretData(
    run,
    [...settings].map(([key, value]) => `${key}=${value}`),
  );
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

const POLICIES: readonly RotatePolicy[] = ['never', 'hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'];

/** @throws ToolError 2 */
export function rotatePolicy(name: string): RotatePolicy {
  const policy = POLICIES.find((known) => known === name);
  if (policy === undefined) throw new ToolError(2, `rotate policy ${JSON.stringify(name)} not valid`);
  return policy;
}

/** An RFC 3339 time, with or without zone, or a Go duration from now on. @throws ToolError 2 */
export function expireTime(spec: string, now: Date): string {
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)?$/.test(spec)) {
    return new Date(/(Z|[-+]\d\d:\d\d)$/.test(spec) ? spec : `${spec}Z`).toISOString();
  }
  const milliseconds = goDuration(spec);
  if (milliseconds === undefined) throw new ToolError(2, `expire time or duration ${JSON.stringify(spec)} not valid`);
  if (milliseconds <= 0) throw new ToolError(2, `negative expire duration ${JSON.stringify(spec)} not valid`);
  return new Date(now.getTime() + milliseconds).toISOString();
}

const UNITS: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };

/** `1h30m`, `15s`, `-1.5h` in milliseconds, as Go's time.ParseDuration. */
export function goDuration(text: string): number | undefined {
  const match = /^([-+]?)((?:\d+(?:\.\d*)?(?:ns|us|µs|ms|s|m|h))+|0)$/.exec(text);
  if (match === null) return undefined;
  const parts = [...(match[2] ?? '').matchAll(/(\d+(?:\.\d*)?)(ns|us|µs|ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
  return match[1] === '-' ? -total : total;
}
