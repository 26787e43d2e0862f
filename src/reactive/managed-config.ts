import type { Config, ConfigValue } from '../juju/types.ts';
import { digest } from './digest.ts';
import { isObject } from './json.ts';
import type { Data, Flags, HandlerApi } from './types.ts';

/** Fingerprints of the values that the last committed hook saw, by option; an unset one is absent. */
const memory = 'reactive.config';
/** One of all of them and their defaults: while it is the same, no option has changed. */
const whole = 'reactive.config.whole';

/**
 * `config.changed`, `config.changed.OPT`, `config.set.OPT` (a value other than false, 0 and '') and `config.default.OPT`.
 * In the first hook every option counts as changed.
 */
export function manageConfig(
  { flags, data, juju }: HandlerApi,
  defaults: Readonly<Record<string, ConfigValue | undefined>>,
): void {
  const config = juju.config();
  const all = digest(JSON.stringify([config, defaults]));
  const same = data.get(whole) === all;
  const changed = same ? new Set<string>() : changedOptions(data, config, Object.keys(defaults));
  for (const option of Object.keys(defaults)) {
    if (changed.has(option)) {
      flags.set('config.changed');
      flags.set(`config.changed.${option}`);
    }
    const value = config[option];
    // In every hook: a handler may have set or cleared them.
    flags.toggle(`config.set.${option}`, Boolean(value));
    flags.toggle(`config.default.${option}`, value === defaults[option]);
  }
  if (!same) data.set(whole, all);
}

/** Those whose value differs from the one remembered; all are remembered anew. */
function changedOptions(data: Data, config: Config, options: readonly string[]): Set<string> {
  const remembered = data.get(memory);
  const before = isObject(remembered) ? remembered : undefined;
  const now: Record<string, string> = {};
  for (const option of options) {
    const value = config[option];
    if (value !== undefined) now[option] = digest(JSON.stringify(value));
  }
  data.set(memory, now);
  return new Set(options.filter((option) => before === undefined || before[option] !== now[option]));
}

/** Changes hold for one hook. */
export function settleConfig(flags: Flags): void {
  for (const flag of flags.all()) {
    if (flag === 'config.changed' || flag.startsWith('config.changed.')) flags.clear(flag);
  }
}
