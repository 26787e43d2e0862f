import * as z from 'zod/mini';
import type { Config } from '../../juju/types.ts';
import { assetsUri, hostName, nagiosName, nagiosNames, sha256Digest } from './addresses.ts';
import { parseNames, parseSecretUris, parseVariables } from './environment-variables.ts';
import { gunicornOptions } from './gunicorn-options.ts';
import {
  databaseName,
  databaseNames,
  label,
  labelOrLatest,
  makeTargets,
  moduleSpec,
  oauthScopes,
  packageNames,
  pythonWish,
} from './names.ts';
import {
  type AbsolutePath,
  fileName,
  logFile,
  pathsWithin,
  pathWithin,
  pathWithinOrAbsolute,
  urlPath,
} from './paths.ts';
import { processCounts, processSchedules } from './processes.ts';
import { staticFolders } from './static-files.ts';
import {
  commandLine,
  count,
  forCheck,
  integer,
  lineOfText,
  oneOf,
  seconds,
  statusText,
  text,
  wholeNumber,
} from './values.ts';
import { variableName } from './variable-names.ts';

/** What an option cannot be, for the status `blocked: OPTION: MESSAGE`. */
export interface BadOption {
  readonly option: string;
  readonly message: string;
}

/** What of the charm's other settings an option is checked against. */
export interface OptionsScope {
  /** Of wsgi.yaml. */
  readonly applicationRoot: AbsolutePath;
}

/**
 * All options by their names, each with its default and what makes a value of it. `config.yaml` is the source of names, types
 * and defaults; a charm made from the layer may lack those of builds, which then have their defaults.
 */
export const schema = ({ applicationRoot }: OptionsScope) => ({
  port: integer(80, wholeNumber(1, 65_535, 'a TCP port')),
  wsgi_module: text('wsgi:application', (value) => (value.trim() === '' ? undefined : moduleSpec(value))),
  provision_command: text('', commandLine),
  provision_on: text('every', oneOf('every', 'leader')),
  provision_timeout: integer(600, seconds(1)),
  environment_variables: text('', parseVariables),
  environment_secrets: text('', parseSecretUris),
  environment_from: text('', parseNames),
  processes: text('', processCounts),
  schedules: text('', processSchedules),
  process_stop_timeout: integer(30, seconds(1)),
  apt_dependencies: text('', packageNames),
  apt_lock_timeout: integer(120, seconds(0)),
  data_paths: text('', pathsWithin),
  requirements_path: text('requirements.txt', pathWithin),
  pip_cache_dir: text('', pathWithinOrAbsolute),
  pip_timeout: integer(900, seconds(1)),
  python: text('', pythonWish),
  wsgi_logfile_path: text('/var/log/wsgi.service.log', logFile(applicationRoot)),
  log_format: text('text', oneOf('text', 'json')),
  ...gunicornOptions,
  health_path: text('/', urlPath),
  start_timeout: integer(60, seconds(1)),
  settle_time: integer(5, seconds(0)),
  database_name: text('', databaseName),
  database_roles: text('', databaseNames),
  database_extensions: text('', databaseNames),
  oauth_redirect_path: text('/callback', urlPath),
  oauth_scopes: text('openid profile email', oauthScopes),
  manager_service_protocol: text('http', oneOf('http', 'https')),
  nagios_index_path: text('/', (value) => forCheck(urlPath(value))),
  nagios_index_content: text('', lineOfText),
  nagios_index_status: integer(200, wholeNumber(100, 599, 'an HTTP status')),
  nagios_context: text('juju', nagiosName),
  nagios_servicegroups: text('', nagiosNames),
  verify_hostname: text('localhost', hostName),
  verify_path: text('/', (value) => forCheck(urlPath(value))),
  verify_content: text('', lineOfText),
  verify_status: text('200 OK', statusText),
  secret_key_variable: text('', variableName),
  rollout: text('at-once', oneOf('at-once', 'one-by-one', 'canary')),
  build_label: text('r1', label),
  current_symlink: text('latest', labelOrLatest),
  code_assets_uri: text('', assetsUri),
  archive_filename: text('code_archive.tgz', fileName),
  archive_sha256: text('', sha256Digest),
  download_stall_timeout: integer(30, seconds(1)),
  download_timeout: integer(600, seconds(1)),
  builds_to_keep: integer(2, count(1000)),
  update_make_target: text('', makeTargets),
  static_files: text('', staticFolders),
  wsgi_application: text('', (value) => (value === '' ? undefined : moduleSpec(value))),
  pip_cache_path: text('', pathWithinOrAbsolute),
});

type Schema = ReturnType<typeof schema>;
export type OptionName = keyof Schema;
/** A name that an operator may give a value by instead of another option's; it wins when set. */
type Alias = keyof typeof ALIASES;

const ALIASES = { wsgi_application: 'wsgi_module', pip_cache_path: 'pip_cache_dir' } as const;

/** The options as the charm works with them, by their own names; aliases have gone into what they stand for. */
export type Options = Readonly<{ [Name in Exclude<OptionName, Alias>]: z.output<Schema[Name]> }>;

/**
 * Reads the options. All problems are found, in the order of config.yaml; `options` is there only when there is none.
 * An option that is absent has its default.
 */
export function parseOptions(
  config: Config,
  scope: OptionsScope,
): { readonly options: Options | undefined; readonly problems: readonly BadOption[] } {
  const result = z.safeParse(z.object(schema(scope)), withoutOverruled(config));
  if (!result.success)
    return {
      options: undefined,
      problems: result.error.issues.map(({ path, message }) => ({ option: String(path[0]), message })),
    };
  const { wsgi_application, pip_cache_path, ...own } = result.data;
  const options: Options = {
    ...own,
    wsgi_module: wsgi_application ?? own.wsgi_module,
    pip_cache_dir: pip_cache_path ?? own.pip_cache_dir,
  };
  return { options, problems: [] };
}

/** Skips an option while an alias of it is set: its value is not used, so it cannot be wrong. */
function withoutOverruled(config: Config): Config {
  const overruled = Object.entries(ALIASES).flatMap(([alias, option]) =>
    (config[alias] ?? '') === '' ? [] : [option],
  );
  return Object.fromEntries(Object.entries(config).filter(([name]) => !overruled.some((option) => option === name)));
}
