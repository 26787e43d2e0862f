/** Where this charm keeps things on a machine, as machine paths (without the root prefix). */

export const SERVICE = 'gunicorn3.service';
export const TRIAL = 'gunicorn3-trial.service';
/** Closes the service's ports when it is stopped. */
export const PORTS = 'gunicorn3-ports.service';
/** Closes them when it has failed for good. */
export const FAILED = 'gunicorn3-failed.service';
export const UNITS = '/etc/systemd/system';
/** Units and settings that a reboot removes. */
export const RUNTIME_UNITS = '/run/systemd/system';
/** Operators' own settings for the service. They are kept, and the trial has them too. */
export const DROP_INS = `${UNITS}/${SERVICE}.d`;

/** Root's own folder: environment files (0600), certificates, the unit that served before one not yet proven. */
export const ETC = '/etc/gunicorn3';
export const TRIAL_ENVIRONMENT = `${ETC}/environment-trial`;
export const COMMAND_ENVIRONMENT = `${ETC}/environment-command`;
export const COMMAND_OUTPUT = `${ETC}/output-command`;
export const PREVIOUS = `${ETC}/previous.service`;
/** The processes that ran before a release that has not yet proven itself. */
export const PREVIOUS_PROCESSES = `${ETC}/previous-processes.json`;
/** How the paths of the environment files of processes begin. */
export const PROCESS_ENVIRONMENT = `${ETC}/processes-`;
/** What commands of the action `run` have printed, where it is more than a result carries. */
export const OUTPUTS = '/opt/gunicorn3/output';
/** Runs a command of a person who is on the machine. */
export const RUN_PROGRAM = '/usr/local/bin/wsgi-run';
/** Which builds are installed and which serves, for when the charm's own record of it is lost. */
export const BUILDS_RECORD = `${ETC}/builds.json`;
export const CERTIFICATES = `${ETC}/certificates`;
export const LOG_ROTATION = '/etc/logrotate.d/gunicorn3';
/** Starts gunicorn, and copies what is printed into the log file. */
export const LAUNCHER = `${ETC}/gunicorn3-run.py`;

/** Counts requests and shows them to Prometheus while cos-agent is related; the virtual environment is its own. */
export const EXPORTER = 'gunicorn3-exporter.service';
export const EXPORTER_PROGRAM = `${ETC}/exporter.py`;
/** What the exporter shows besides, written in each look. */
export const EXPORTER_FACTS = `${ETC}/exporter.json`;
export const EXPORTER_VENV = '/opt/gunicorn3/exporter';
/** Its user, who owns nothing. */
export const EXPORTER_USER = 'gunicorn3-exporter';

/** Serves the folders of `static_files` in gunicorn's workers. */
export const STATIC_FILES = `${ETC}/static-files.py`;

export interface GunicornConfigName {
  readonly logFormat: 'text' | 'json';
  readonly statsd: boolean;
  /** A digest of what is served; undefined where nothing is. */
  readonly staticFiles: string | undefined;
}

/**
 * gunicorn's configuration file: one for each format of its log lines, with and without statsd, and for each way to serve
 * static files, so that the unit names another when one of them changes.
 */
export function gunicornConfigPath({ logFormat, statsd, staticFiles }: GunicornConfigName): string {
  const parts = [
    logFormat,
    ...(statsd ? ['statsd'] : []),
    ...(staticFiles === undefined ? [] : ['static', staticFiles]),
  ];
  return `${ETC}/gunicorn-${parts.join('-')}.conf.py`;
}

/** Whether a file of {@link ETC} is a configuration file with static files: a change of the option leaves one behind. */
export function isStaticFilesConfig(name: string): boolean {
  return /^gunicorn-[a-z-]+-static-[0-9a-f]+\.conf\.py$/.test(name);
}

/** The environment file of processes, by a digest of its text: all processes of a release share one. */
export function processEnvironmentPath(digest: string): string {
  return `${PROCESS_ENVIRONMENT}${digest}`;
}

/** What a gunicorn subordinate reads. */
export const WSGI_FILE_CONFIG = `${ETC}/wsgi-file.conf.py`;

/** Lends the service's port to a gunicorn subordinate, which asks for it at a unix socket. */
export const LENDER = 'gunicorn3-lender.service';
export const LENDER_SOCKET = 'gunicorn3-lender.socket';
export const LENDER_PROGRAM = `${ETC}/gunicorn3-lender.py`;
export const LENDER_ADDRESS = '/run/gunicorn3-lender.sock';

/** The environment file of one generation: the unit file names its own, so that one rename changes both. */
export function environmentPath(generation: string): string {
  return `${ETC}/environment-${generation}`;
}

/** HOME of the application, its StateDirectory=: what it writes lives here and outlives every build. */
export const STATE_DIRECTORY = '/var/lib/wsgi';
export const DATA = `${STATE_DIRECTORY}/data`;
/** Virtual environments, one for each distinct set of requirements. */
export const VENVS = '/opt/gunicorn3/venvs';
/** Paths of the log files that units of this kind made on the machine: logs outlive the unit, and the next may go on with them. */
export const LOGS_MADE = '/opt/gunicorn3/logs';
/** Downloads and archives on their way in. */
export const INCOMING = '/opt/gunicorn3/incoming';

/** The variable that says which generation of unit, environment and source a running process was started with. */
export const GENERATION = 'GUNICORN3_GENERATION';

/** The socket unit of one port: one a port, so that one can go while the other stays. */
export function socketUnit(port: number): string {
  return `gunicorn3-${port}.socket`;
}

/** The port of a socket unit's name, undefined for any other unit. */
export function portOfSocketUnit(name: string): number | undefined {
  const match = /^gunicorn3-(\d+)\.socket$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}

/** The timer, and the service it starts, that close a port some time after another took its place. */
export function closingUnit(port: number): string {
  return `gunicorn3-close-${port}`;
}

/** The port of such a timer's name, undefined for any other unit. */
export function portOfClosingTimer(name: string): number | undefined {
  const match = /^gunicorn3-close-(\d+)\.timer$/.exec(name);
  return match === null ? undefined : Number(match[1]);
}
