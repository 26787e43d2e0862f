/** gunicorn's command line. Source: https://docs.gunicorn.org/en/stable/settings.html */
import { availableParallelism, totalmem } from 'node:os';
import { moduleText } from '../config/names.ts';
import type { Options } from '../config/options.ts';

/** Bytes of memory that one worker is reckoned with. */
const WORKER_MEMORY = 256 * 2 ** 20;
const MOST_WORKERS = 16;

export interface GunicornSpec {
  readonly python: string;
  readonly options: Options;
  /** The file of {@link gunicornConfig}. */
  readonly config: string;
  /** Addresses of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** Where to listen; undefined for the sockets that systemd hands over. */
  readonly bind: string | undefined;
}

/**
 * Every setting that an option gives is on the command line, which wins over configuration files and the environment. The flags
 * are those that gunicorn 20 and 27 have in common.
 */
export function gunicornArguments({ python, options, config, proxies, bind }: GunicornSpec): [string, ...string[]] {
  const flags: [string, string | number][] = [
    ['--config', config],
    ...(bind === undefined ? [] : [['--bind', bind] satisfies [string, string]]),
    ['--workers', options.workers === 0 ? defaultWorkers() : options.workers],
    ['--worker-class', options.worker_class],
    ['--threads', options.threads],
    ['--timeout', options.timeout],
    ['--graceful-timeout', options.graceful_timeout],
    ['--keep-alive', options.keepalive],
    ['--max-requests', options.max_requests],
    ['--max-requests-jitter', options.max_requests_jitter],
    // Given even where it is gunicorn's default, so that FORWARDED_ALLOW_IPS of the environment does not count.
    ['--forwarded-allow-ips', proxies.length === 0 ? '127.0.0.1' : proxies.join(',')],
    // In memory: a full or slow disk does not make workers look dead.
    ['--worker-tmp-dir', '/dev/shm'],
    ['--error-logfile', '-'],
    ...(options.access_log ? [['--access-logfile', '-'] satisfies [string, string]] : []),
  ];
  return [
    python,
    '-m',
    'gunicorn',
    ...flags.flatMap(([name, value]) => [name, String(value)]),
    moduleText(options.wsgi_module),
  ];
}

/**
 * gunicorn's own advice, two for each processor and one more, as far as half of the memory goes, and no more than 16: a
 * bigger machine is told so by the option.
 */
export function defaultWorkers(processors = availableParallelism(), memory = totalmem()): number {
  return Math.max(1, Math.min(2 * processors + 1, Math.floor(memory / 2 / WORKER_MEMORY), MOST_WORKERS));
}
