/**
 * How gunicorn is run: its command line, its configuration file, and the program that starts it.
 * Source: https://docs.gunicorn.org/en/stable/settings.html
 */
import { availableParallelism, totalmem } from 'node:os';
import renderConfig from '../../../templates/gunicorn.conf.py.hbs';
import renderLauncher from '../../../templates/gunicorn3-run.py.hbs';
import type { Variables } from '../config/environment-variables.ts';
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
    // The module of the console script: gunicorn 20.0 cannot be run as `-m gunicorn`.
    '-m',
    'gunicorn.app.wsgiapp',
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

export interface GunicornConfigSpec {
  /** How gunicorn's own lines are written. */
  readonly logFormat: 'text' | 'json';
  /** Variables for the application, where nothing else carries them. They may be secrets: the file is to be private then. */
  readonly variables?: Variables;
  /** gunicorn's settings by their names, where no command line gives them. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** A configuration file of gunicorn, in Python. Source: gunicorn's settings raw_env and logger_class. */
export function gunicornConfig({ logFormat, variables = new Map(), settings = {} }: GunicornConfigSpec): string {
  return renderConfig({
    json: logFormat === 'json',
    settings: Object.entries(settings).map(([name, value]) => ({
      name,
      value: typeof value === 'number' ? value : pythonString(value),
    })),
    variables: [...variables].map(([name, value]) => pythonString(`${name}=${value}`)),
  });
}

/** The program that has all that gunicorn and the application print go to the journal and to a file. */
export function launcherProgram(): string {
  return renderLauncher({});
}

/**
 * A text as a Python string literal, in ASCII. JSON is not Python: it writes a character beyond U+FFFF as two escapes, which
 * Python keeps as two halves. Source: The Python Language Reference, 2.4.1.1 "Escape sequences".
 */
export function pythonString(text: string): string {
  return `'${text.replace(/[^\x20-\x7e]|['\\]/gu, escaped)}'`;
}

function escaped(character: string): string {
  if (character === "'" || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
