/** What a charm's YAML says, by what a test asks of it. */
import type { ConfigValue } from '../../src/juju/index.ts';
import type { OptionType, OptionView } from '../local-juju/hooktools/index.ts';
import type { CharmMeta } from './charm.ts';

export type Role = 'provides' | 'requires' | 'peers';

/** Role and scope of every endpoint. */
export function endpointsOf({ metadata }: CharmMeta): Map<string, { readonly role: Role; readonly scope: string }> {
  const roles = ['provides', 'requires', 'peers'] as const;
  return new Map(
    roles.flatMap((role) =>
      Object.entries(metadata[role] ?? {}).map(
        ([name, { scope = 'global' }]) => [name, { role, scope: String(scope) }] as const,
      ),
    ),
  );
}

export interface DeclaredOption {
  readonly type: OptionType;
  readonly default: ConfigValue | null;
}

export function declaredOptions({ config }: CharmMeta): Map<string, DeclaredOption> {
  const options = Object.entries(config?.options ?? {});
  return new Map(options.map(([name, { type = 'string', default: value = null }]) => [name, { type, default: value }]));
}

/** Every option, with what the operator set in place of the default. */
export function optionViews(meta: CharmMeta, set: Readonly<Record<string, ConfigValue>>): Record<string, OptionView> {
  return Object.fromEntries(
    [...declaredOptions(meta)].map(([name, option]) => [
      name,
      { type: option.type, value: set[name] ?? option.default },
    ]),
  );
}

/** What was asked for, with the defaults of actions.yaml for the rest. */
export function actionParams(
  { actions }: CharmMeta,
  { name, params }: { readonly name: string; readonly params: Readonly<Record<string, unknown>> },
): Record<string, unknown> {
  const declared = Object.entries(actions?.[name]?.params ?? {});
  const defaults = declared.filter(([, parameter]) => parameter.default !== undefined);
  return { ...Object.fromEntries(defaults.map(([key, parameter]) => [key, parameter.default])), ...params };
}

/** `a, b and c`, or `none` */
export function listed(names: Iterable<string>): string {
  const all = [...names];
  if (all.length === 0) return 'none';
  return all.length === 1 ? `${all[0]}` : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
