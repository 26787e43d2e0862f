/** The options that a plan is asked for, as words: `build_label=r3 workers=4`. */
import charm from '../../../config.yaml';
import type { ConfigValue } from '../../juju/types.ts';
import { assignmentsIn } from '../config/environment-variables.ts';
import { BadValue } from '../config/values.ts';

/**
 * Values by option, of the types that Juju would give them. Quotes go as in Bash.
 *
 * @throws BadValue for what is no option, or not of its type; no value is shown, for one may hold a secret
 */
export function plannedOptions(words: string): Readonly<Record<string, ConfigValue>> {
  return Object.fromEntries([...assignmentsIn(words)].map(([name, value]) => [name, readValue(name, value)]));
}

function readValue(name: string, value: string): ConfigValue {
  const option = Object.hasOwn(charm.options, name) ? charm.options[name] : undefined;
  if (option === undefined) throw new BadValue(`there is no option ${name}; juju config lists them`);
  switch (option.type) {
    case 'int':
      if (!/^-?\d{1,15}$/.test(value)) throw new BadValue(`${name} is a whole number`);
      return Number(value);
    case 'float':
      if (value.trim() === '' || Number.isNaN(Number(value))) throw new BadValue(`${name} is a number`);
      return Number(value);
    case 'boolean':
      if (!/^(?:true|false)$/i.test(value)) throw new BadValue(`${name} is true or false`);
      return value.toLowerCase() === 'true';
    default:
      return value;
  }
}
