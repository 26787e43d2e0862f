/**
 * The table of gunicorn's settings: one row a setting. Our command line, the configuration file and what a gunicorn
 * subordinate is told are made from it. Source: https://docs.gunicorn.org/en/stable/settings.html
 */
import { availableParallelism, totalmem } from 'node:os';
import type { Options } from '../config/options.ts';

/** What a row may look at. */
export interface SettingsInput {
  readonly options: Options;
  /** Addresses of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** `HOST:PORT` that is told of each request by statsd's datagrams; undefined for none. */
  readonly statsd: string | undefined;
}

interface Named {
  /** The option of config.yaml that gives it; `none` for one that the charm decides. */
  readonly option: keyof Options | 'none';
  /** gunicorn's name of it in a configuration file. */
  readonly setting: string;
  /** gunicorn's name of it on the command line; gunicorn 20 and 27 both have it. */
  readonly flag: `--${string}`;
  /** Whether a subordinate reads it from our configuration, or gives it on a command line of its own. */
  readonly subordinate: 'reads ours' | 'has its own';
}

interface ValueSetting extends Named {
  readonly kind: 'value';
  /** Undefined leaves it to gunicorn's default. */
  readonly value: (input: SettingsInput) => string | number | undefined;
}

interface SwitchSetting extends Named {
  readonly kind: 'switch';
  /** A switch that is off is not on the command line: gunicorn has no flag for that. */
  readonly on: (input: SettingsInput) => boolean;
}

export type GunicornSetting = ValueSetting | SwitchSetting;

/** Options whose value gunicorn takes as it is. */
type PlainOption = {
  [Name in keyof Options]: Options[Name] extends string | number ? Name : never;
}[keyof Options];

/** The option and the setting have one name, and the option's value is the setting's. */
function sameAs(option: PlainOption, flag: Named['flag']): GunicornSetting {
  return {
    kind: 'value',
    option,
    setting: option,
    flag,
    subordinate: 'reads ours',
    value: ({ options }) => options[option],
  };
}

const GUNICORN_SETTINGS: readonly GunicornSetting[] = [
  {
    kind: 'value',
    option: 'workers',
    setting: 'workers',
    flag: '--workers',
    subordinate: 'reads ours',
    value: ({ options }) => (options.workers === 0 ? defaultWorkers() : options.workers),
  },
  sameAs('worker_class', '--worker-class'),
  sameAs('threads', '--threads'),
  sameAs('timeout', '--timeout'),
  sameAs('graceful_timeout', '--graceful-timeout'),
  sameAs('keepalive', '--keep-alive'),
  sameAs('max_requests', '--max-requests'),
  sameAs('max_requests_jitter', '--max-requests-jitter'),
  {
    kind: 'value',
    option: 'forwarded_allow_ips',
    setting: 'forwarded_allow_ips',
    flag: '--forwarded-allow-ips',
    subordinate: 'reads ours',
    // Given even where it is gunicorn's default, so that FORWARDED_ALLOW_IPS of the environment does not count.
    value: ({ proxies }) => (proxies.length === 0 ? '127.0.0.1' : proxies.join(',')),
  },
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
    option: 'access_log',
    setting: 'accesslog',
    flag: '--access-logfile',
    subordinate: 'has its own',
    value: ({ options }) => (options.access_log ? '-' : undefined),
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

/** The words of a command line. */
export function settingFlags(input: SettingsInput, rows: readonly GunicornSetting[] = GUNICORN_SETTINGS): string[] {
  return rows.flatMap((row) => {
    if (row.kind === 'switch') return row.on(input) ? [row.flag] : [];
    const value = row.value(input);
    return value === undefined ? [] : [row.flag, String(value)];
  });
}

/** The settings that a subordinate reads from our configuration file, by gunicorn's names. */
export function subordinateSettings(
  input: SettingsInput,
  rows: readonly GunicornSetting[] = GUNICORN_SETTINGS,
): Record<string, string | number | boolean> {
  const ours = rows.filter(({ subordinate }) => subordinate === 'reads ours');
  const values = ours.map((row) => [row.setting, row.kind === 'switch' ? row.on(input) : row.value(input)] as const);
  return Object.fromEntries(values.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** Bytes of memory that one worker is reckoned with. */
const WORKER_MEMORY = 256 * 2 ** 20;
const MOST_WORKERS = 16;

/**
 * gunicorn's own advice, two for each processor and one more, as far as half of the memory goes, and no more than 16: a
 * bigger machine is told so by the option.
 */
export function defaultWorkers(processors = availableParallelism(), memory = totalmem()): number {
  return Math.max(1, Math.min(2 * processors + 1, Math.floor(memory / 2 / WORKER_MEMORY), MOST_WORKERS));
}
