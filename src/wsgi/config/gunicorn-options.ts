/**
 * The options that are settings of gunicorn: one row an option. Reading it, our command line, the configuration file and what a
 * gunicorn subordinate is told follow. Source: https://docs.gunicorn.org/en/stable/settings.html
 */
import { availableParallelism, totalmem } from 'node:os';
import type * as z from 'zod/mini';
import { allowedAddresses } from './addresses.ts';
import { workerClass } from './names.ts';
import { count, integer, seconds, text, toggle, wholeNumber } from './values.ts';

interface Named {
  /** gunicorn's name of the setting on the command line; gunicorn 20 and 27 both have it. */
  readonly flag: `--${string}`;
  /** gunicorn's name of it in a configuration file; the option's own unless given. */
  readonly setting?: string;
  /** Whether a subordinate reads it from our configuration (unless said), or gives it on a command line of its own. */
  readonly subordinate?: 'reads ours' | 'has its own';
}

/** A setting with a value. Undefined leaves it to gunicorn's default. */
interface ValueOf<Value> extends Named {
  readonly value: (value: Value, proxies: readonly string[]) => string | number | undefined;
}

/** A setting that is on or off, by a flag without a value. */
interface SwitchOf<Value> extends Named {
  readonly on: (value: Value) => boolean;
}

/** What gunicorn is given of an option's value, and of the addresses of the proxies that are believed. */
export type GivenToGunicorn<Value> = ValueOf<Value> | SwitchOf<Value>;

/** An option with what gunicorn is given of it. */
export function given<Schema extends z.ZodMiniType>(
  schema: Schema,
  gunicorn: GivenToGunicorn<z.output<Schema>>,
): Schema & { readonly gunicorn: GivenToGunicorn<z.output<Schema>> } {
  return Object.assign(schema, { gunicorn });
}

/** gunicorn takes the option's value as it is. */
export const same = <Value>(value: Value): Value => value;

export const gunicornOptions = {
  workers: given(integer(0, count(1024)), {
    flag: '--workers',
    value: (workers) => (workers === 0 ? defaultWorkers() : workers),
  }),
  worker_class: given(text('sync', workerClass), { flag: '--worker-class', value: same }),
  threads: given(integer(1, wholeNumber(1, 1024, 'a number of threads')), { flag: '--threads', value: same }),
  timeout: given(integer(30, seconds(0)), { flag: '--timeout', value: same }),
  graceful_timeout: given(integer(30, seconds(1)), { flag: '--graceful-timeout', value: same }),
  keepalive: given(integer(2, seconds(0)), { flag: '--keep-alive', value: same }),
  max_requests: given(integer(0, count(1_000_000_000)), { flag: '--max-requests', value: same }),
  max_requests_jitter: given(integer(0, count(1_000_000_000)), { flag: '--max-requests-jitter', value: same }),
  forwarded_allow_ips: given(text('', allowedAddresses), {
    flag: '--forwarded-allow-ips',
    // Given even where it is gunicorn's default, so that FORWARDED_ALLOW_IPS of the environment does not count.
    value: (_, proxies) => (proxies.length === 0 ? '127.0.0.1' : proxies.join(',')),
  }),
  access_log: given(toggle(false), {
    flag: '--access-logfile',
    setting: 'accesslog',
    subordinate: 'has its own',
    value: (logged) => (logged ? '-' : undefined),
  }),
};

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
