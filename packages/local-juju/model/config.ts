/** Application config: values parsed and refused as the juju client does, defaults laid under them. */

import { secretId } from '../hooktools/secret-uri.ts';
import type { OptionView } from '../hooktools/world.ts';
import type { ConfigValue } from '../types.ts';
import type { Charm, Option } from './charm.ts';
import { LocalError } from './local-error.ts';
import type { Application, ModelState } from './state.ts';

/** Every option with its value, default or `null`. */
export function effectiveOptions(charm: Charm, application: Application): Record<string, OptionView> {
  const shown = Object.entries(charm.options).map(([name, option]): [string, OptionView] => [
    name,
    { type: option.type, value: application.config[name] ?? defaultOf(option) },
  ]);
  return Object.fromEntries(shown);
}

function defaultOf(option: Option): ConfigValue | null {
  return option.default ?? null;
}

/** @throws LocalError for an unknown option or a value of another type; nothing is changed then */
export function setConfig(charm: Charm, application: Application, values: Readonly<Record<string, string>>): void {
  const parsed = parseConfig(charm, values);
  const before = JSON.stringify(effectiveOptions(charm, application));
  Object.assign(application.config, parsed);
  if (JSON.stringify(effectiveOptions(charm, application)) !== before) application.configVersion += 1;
}

/** As typed on the command line, to the types of config.yaml. @throws LocalError */
export function parseConfig(charm: Charm, values: Readonly<Record<string, string>>): Record<string, ConfigValue> {
  return Object.fromEntries(
    Object.entries(values).map(([name, text]) => {
      const option = charm.options[name];
      if (option === undefined)
        throw new LocalError(`invalid application config: unknown option ${JSON.stringify(name)}`);
      return [name, parseValue(name, option, text)];
    }),
  );
}

const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...Object.fromEntries(['1', 't', 'T', 'true', 'TRUE', 'True'].map((word) => [word, true])),
  ...Object.fromEntries(['0', 'f', 'F', 'false', 'FALSE', 'False'].map((word) => [word, false])),
};

function parseValue(name: string, option: Option, text: string): ConfigValue {
  const refuse = () => {
    throw new LocalError(`option ${JSON.stringify(name)} expected ${option.type}, got ${JSON.stringify(text)}`);
  };
  switch (option.type) {
    case 'string':
      return text;
    case 'int':
      return /^[-+]?\d+$/.test(text) ? Number(text) : refuse();
    case 'float':
      return /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) ? Number(text) : refuse();
    case 'boolean':
      return BOOLEANS[text] ?? refuse();
    case 'secret':
      if (text === '' || (text.startsWith('secret:') && secretId(text) !== undefined)) return text;
      throw new LocalError(
        `invalid secret URI for option ${JSON.stringify(name)}: secret URI ${JSON.stringify(text)} not valid`,
      );
  }
}

/** Back to the defaults. With the quirks of 4.0.14 no unit is told. @throws LocalError for an unknown option */
export function resetConfig(state: ModelState, charm: Charm, application: Application, names: readonly string[]): void {
  const unknown = names.find((name) => charm.options[name] === undefined);
  if (unknown !== undefined) throw new LocalError(`unknown option ${JSON.stringify(unknown)}`);
  const before = JSON.stringify(effectiveOptions(charm, application));
  for (const name of names) delete application.config[name];
  const changed = JSON.stringify(effectiveOptions(charm, application)) !== before;
  if (changed && !state.quirks) application.configVersion += 1;
}
