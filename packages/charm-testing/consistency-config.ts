import type { ConfigValue } from '../../src/juju/index.ts';
import type { OptionType } from '../local-juju/hooktools/index.ts';
import type { CharmMeta } from './charm.ts';
import { declaredOptions, listed } from './meta.ts';
import type { State } from './state.ts';

const FITS: Readonly<Record<OptionType, (value: ConfigValue) => boolean>> = {
  string: (value) => typeof value === 'string',
  secret: (value) => typeof value === 'string' && /^$|^secret:(\/\/[0-9a-f-]+\/)?[0-9a-z]{20}$/.test(value),
  int: (value) => typeof value === 'number' && Number.isInteger(value),
  float: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
};

/** Juju takes only options of config.yaml, and only values of their type. */
export function configMistakes(meta: CharmMeta, { config }: State): string[] {
  const declared = declaredOptions(meta);
  return Object.entries(config).flatMap(([name, value]) => {
    const option = declared.get(name);
    if (option === undefined)
      return [`config.${name}: config.yaml has no such option; it has ${listed(declared.keys())}`];
    if (FITS[option.type](value)) return [];
    const should =
      option.type === 'secret' ? 'a secret URI, such as secret:9m4e2mr0ui3e8a215n4g' : `of type ${option.type}`;
    return [`config.${name}: ${JSON.stringify(value)} should be ${should}, as config.yaml says`];
  });
}
