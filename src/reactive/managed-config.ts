import type { ConfigValue } from '../juju/types.ts';
import { digest } from './digest.ts';
import { isObject } from './json.ts';
import type { Flags, HandlerApi } from './types.ts';

/** Fingerprints of the values that the last committed hook saw, by option; an unset one is absent. */
const memory = 'reactive.config';
/** One of all of them and their defaults: while it is the same, every flag is as it was left. */
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
  if (data.get(whole) === all) return;
  const remembered = data.get(memory);
  const before = isObject(remembered) ? remembered : undefined;
  const now: Record<string, string> = {};
  for (const option of Object.keys(defaults)) {
    const value = config[option];
    if (value !== undefined) now[option] = digest(JSON.stringify(value));
    if (before === undefined || before[option] !== now[option]) {
      flags.set('config.changed');
      flags.set(`config.changed.${option}`);
    }
    flags.toggle(`config.set.${option}`, Boolean(value));
    flags.toggle(`config.default.${option}`, value === defaults[option]);
  }
  data.set(memory, now);
  data.set(whole, all);
}

/** Changes hold for one hook. */
export function settleConfig(flags: Flags): void {
  for (const flag of flags.all()) {
    if (flag === 'config.changed' || flag.startsWith('config.changed.')) flags.clear(flag);
  }
}
