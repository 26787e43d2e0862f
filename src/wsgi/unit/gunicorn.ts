/**
 * How gunicorn is run: its command line, its configuration file, and the program that starts it.
 * Source: https://docs.gunicorn.org/en/stable/settings.html
 */
import renderConfig from '../../../templates/gunicorn.conf.py.hbs';
import renderLauncher from '../../../templates/gunicorn3-run.py.hbs';
import type { Variables } from '../config/environment-variables.ts';
import { moduleText } from '../config/names.ts';
import type { Options } from '../config/options.ts';
import { settingFlags } from './gunicorn-settings.ts';
import type { StaticFiles } from './static-files.ts';
import { GIVEN_UP } from './unit-file.ts';

export interface GunicornSpec {
  readonly python: string;
  readonly options: Options;
  /** The file of {@link gunicornConfig}. */
  readonly config: string;
  /** Addresses of the proxies that are believed. */
  readonly proxies: readonly string[];
  /** Where to listen; undefined for the sockets that systemd hands over. */
  readonly bind: string | undefined;
  /** Where requests are counted, as `HOST:PORT`; undefined for nowhere. */
  readonly statsd: string | undefined;
}

/** Every setting that an option gives is on the command line, which wins over configuration files and the environment. */
export function gunicornArguments({
  python,
  options,
  config,
  proxies,
  bind,
  statsd,
}: GunicornSpec): [string, ...string[]] {
  return [
    python,
    // The module of the console script: gunicorn 20.0 cannot be run as `-m gunicorn`.
    '-m',
    'gunicorn.app.wsgiapp',
    '--config',
    config,
    ...(bind === undefined ? [] : ['--bind', bind]),
    ...settingFlags({ options, proxies, statsd }),
    moduleText(options.wsgi_module),
  ];
}

export interface GunicornConfigSpec {
  /** How gunicorn's own lines are written. */
  readonly logFormat: 'text' | 'json';
  /** Whether requests are counted by statsd's datagrams, where the setting statsd_host says a place. */
  readonly statsd?: boolean;
  /** Variables for the application, where nothing else carries them. They may be secrets: the file is to be private then. */
  readonly variables?: Variables;
  /** gunicorn's settings by their names, where no command line gives them. */
  readonly settings?: Readonly<Record<string, string | number | boolean>>;
  /** Folders that the workers serve beside the application. */
  readonly staticFiles?: StaticFiles | undefined;
  /** Path of the unix socket where a gunicorn that is not ours asks for the port. */
  readonly lender?: string | undefined;
}

/** A configuration file of gunicorn, in Python. Source: gunicorn's settings raw_env and logger_class. */
export function gunicornConfig(spec: GunicornConfigSpec): string {
  const { logFormat, statsd = false, variables = new Map(), settings = {}, staticFiles, lender } = spec;
  return renderConfig({
    json: logFormat === 'json',
    statsd,
    settings: Object.entries(settings).map(([name, value]) => ({
      name,
      value: pythonLiteral(value),
    })),
    staticFiles: staticFiles && {
      program: pythonString(staticFiles.program),
      folders: staticFiles.folders.map(({ prefix, folder }) => ({
        prefix: pythonString(prefix),
        folder: pythonString(folder),
      })),
      builds: staticFiles.builds === undefined ? 'None' : pythonString(staticFiles.builds),
      data: pythonString(staticFiles.data),
      wheel: pythonString(staticFiles.wheel),
    },
    lender: lender && pythonString(lender),
    variables: [...variables].map(([name, value]) => pythonString(`${name}=${value}`)),
  });
}

function pythonLiteral(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return typeof value === 'number' ? String(value) : pythonString(value);
}

/** The program that has all that gunicorn and the application print go to the journal and to a file. */
export function launcherProgram(): string {
  return renderLauncher({ givenUp: GIVEN_UP });
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
