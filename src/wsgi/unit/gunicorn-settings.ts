/**
 * gunicorn's settings: those that options give, and those that the charm decides. Our command line and what a gunicorn
 * subordinate is told are made from them. Source: https://docs.gunicorn.org/en/stable/settings.html
 */
import { type GivenToGunicorn, gunicornOptions } from '../config/gunicorn-options.ts';
import type { Options } from '../config/options.ts';

/** What a setting may look at. */
export interface SettingsInput<Given = Options> {
  readonly options: Given;
  /** Addresses of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** `HOST:PORT` that is told of each request by statsd's datagrams; undefined for none. */
  readonly statsd: string | undefined;
}

interface Named {
  /** The option of config.yaml that gives it; `none` for one that the charm decides. */
  readonly option: string;
  /** gunicorn's name of it in a configuration file. */
  readonly setting: string;
  /** gunicorn's name of it on the command line; gunicorn 20 and 27 both have it. */
  readonly flag: `--${string}`;
  /** Whether a subordinate reads it from our configuration, or gives it on a command line of its own. */
  readonly subordinate: 'reads ours' | 'has its own';
}

interface ValueSetting<Given> extends Named {
  readonly kind: 'value';
  /** Undefined leaves it to gunicorn's default. */
  readonly value: (input: SettingsInput<Given>) => string | number | undefined;
}

interface SwitchSetting<Given> extends Named {
  readonly kind: 'switch';
  /** A switch that is off is not on the command line: gunicorn has no flag for that. */
  readonly on: (input: SettingsInput<Given>) => boolean;
}

export type GunicornSetting<Given = Options> = ValueSetting<Given> | SwitchSetting<Given>;

/** The settings that a table of options gives. */
export function settingsOf<Given extends object>(
  table: {
    readonly [Name in keyof Given]: { readonly gunicorn: GivenToGunicorn<Given[Name]> };
  },
): readonly GunicornSetting<Given>[] {
  const settings: GunicornSetting<Given>[] = [];
  for (const option of namesIn(table)) {
    const row = table[option].gunicorn;
    const { flag, setting = option, subordinate = 'reads ours' } = row;
    const named = { option, setting, flag, subordinate };
    if ('on' in row) settings.push({ ...named, kind: 'switch', on: ({ options }) => row.on(options[option]) });
    else
      settings.push({ ...named, kind: 'value', value: ({ options, proxies }) => row.value(options[option], proxies) });
  }
  return settings;
}

function namesIn<Table extends object>(table: Table): Extract<keyof Table, string>[] {
  const names: Extract<keyof Table, string>[] = [];
  for (const name in table) names.push(name);
  return names;
}

/** Settings that no option gives. */
const DECIDED: readonly GunicornSetting[] = [
  {
    kind: 'value',
    option: 'none',
    setting: 'worker_tmp_dir',
    flag: '--worker-tmp-dir',
    subordinate: 'has its own',
    // In memory: a full or slow disk does not make workers look dead.
    value: () => '/dev/shm',
  },
  {
    kind: 'value',
    option: 'none',
    setting: 'errorlog',
    flag: '--error-logfile',
    subordinate: 'has its own',
    value: () => '-',
  },
  {
    kind: 'value',
    option: 'none',
    setting: 'statsd_host',
    flag: '--statsd-host',
    subordinate: 'reads ours',
    value: ({ statsd }) => statsd,
  },
];

// Another order would be another command line, for which every unit restarts.
const FROM_OPTIONS: readonly GunicornSetting[] = settingsOf(gunicornOptions);
const GUNICORN_SETTINGS: readonly GunicornSetting[] = [
  ...FROM_OPTIONS.filter(({ subordinate }) => subordinate === 'reads ours'),
  ...DECIDED,
  ...FROM_OPTIONS.filter(({ subordinate }) => subordinate === 'has its own'),
];

/** The words of a command line. */
export function settingFlags<Given extends Options>(
  input: SettingsInput<Given>,
  rows: readonly GunicornSetting<Given>[] = GUNICORN_SETTINGS,
): string[] {
  return rows.flatMap((row) => {
    if (row.kind === 'switch') return row.on(input) ? [row.flag] : [];
    const value = row.value(input);
    return value === undefined ? [] : [row.flag, String(value)];
  });
}

/** The settings that a subordinate reads from our configuration file, by gunicorn's names. */
export function subordinateSettings<Given extends Options>(
  input: SettingsInput<Given>,
  rows: readonly GunicornSetting<Given>[] = GUNICORN_SETTINGS,
): Record<string, string | number | boolean> {
  const ours = rows.filter(({ subordinate }) => subordinate === 'reads ours');
  const values = ours.map((row) => [row.setting, row.kind === 'switch' ? row.on(input) : row.value(input)] as const);
  return Object.fromEntries(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
