/** gunicorn's command line. Source: https://docs.gunicorn.org/en/stable/settings.html */
import { availableParallelism, totalmem } from 'node:os';
import type { Options } from './options.ts';
import { moduleText } from './options-names.ts';

/** Bytes of memory that one worker is reckoned with. */
const WORKER_MEMORY = 256 * 2 ** 20;

export interface GunicornSpec {
  readonly python: string;
  readonly options: Options;
  /** Addresses of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** Where to listen; undefined for the sockets that systemd hands over. */
  readonly bind: string | undefined;
}

export function gunicornArguments({ python, options, proxies, bind }: GunicornSpec): string[] {
  const flags: [string, string | number][] = [
    ...(bind === undefined ? [] : [['--bind', bind] as [string, string]]),
    ['--workers', options.workers === 0 ? defaultWorkers() : options.workers],
    ['--worker-class', options.worker_class],
    ['--threads', options.threads],
    ['--timeout', options.timeout],
    ['--graceful-timeout', options.graceful_timeout],
    ['--keep-alive', options.keepalive],
    ['--max-requests', options.max_requests],
    ['--max-requests-jitter', options.max_requests_jitter],
    ['--forwarded-allow-ips', proxies.length === 0 ? '127.0.0.1' : proxies.join(',')],
    ['--worker-tmp-dir', '/dev/shm'],
  ];
  return [
    python,
    '-m',
    'gunicorn',
    ...flags.flatMap(([name, value]) => [name, String(value)]),
    ...(options.access_log ? ['--access-logfile', '-'] : []),
    moduleText(options.wsgi_module),
  ];
}

/** gunicorn's own advice, two for each processor and one more, as far as the memory goes. */
export function defaultWorkers(processors = availableParallelism(), memory = totalmem()): number {
  return Math.max(1, Math.min(2 * processors + 1, Math.floor(memory / 2 / WORKER_MEMORY), 16));
}
