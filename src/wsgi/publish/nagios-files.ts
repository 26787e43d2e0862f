/** What NRPE and Nagios read of the checks. */
import { dump } from 'js-yaml';
import type { Check } from '../api.ts';
import type { Checks } from './nagios-checks.ts';

/** Where Debian's monitoring-plugins are. */
export const PLUGINS = '/usr/lib/nagios/plugins';
export const NRPE = '/etc/nagios/nrpe.d';
export const EXPORT = '/var/lib/nagios/export';

/** Bytes of a line that NRPE reads (MAX_INPUT_BUFFER of nrpe.c); what is longer becomes a second line of configuration. */
const LONGEST_LINE = 2046;

/** Who is monitored, as Nagios knows it. */
export interface NagiosHost {
  /** The unit of Juju that the files belong to. */
  readonly owner: string;
  readonly hostName: string;
  /** Service groups; never empty. */
  readonly groups: readonly string[];
}

export interface HostSources {
  /** Of Juju: `wsgi/0`. */
  readonly unit: string;
  /** What the subordinate says in its databag, if anything. */
  readonly remote: Readonly<Record<string, string>>;
  /** nagios_context and nagios_servicegroups. */
  readonly context: string;
  readonly groups: readonly string[];
}

/** The subordinate's own name for the host wins; the option says what it begins with where it says nothing. */
export function nagiosHost({ unit, remote, context, groups }: HostSources): NagiosHost {
  const prefix = nameOr(remote.nagios_host_context, context);
  return {
    owner: unit,
    hostName: nameOr(remote.nagios_hostname, `${prefix}-${unit.replaceAll('/', '-')}`),
    groups: groups.length > 0 ? groups : [prefix],
  };
}

/** What another charm says becomes part of a path and of Nagios' configuration: a name, or it does not count. */
function nameOr(text: string | undefined, otherwise: string): string {
  return text !== undefined && /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}$/.test(text) ? text : otherwise;
}

/**
 * The command line as NRPE hands it to `sh -c`: every word in single quotes unless it is plain.
 *
 * @param plugins where monitoring-plugins are, as the machine's processes see it
 */
export function shellCommand({ command: [program, ...args] }: Check, plugins: string = PLUGINS): string {
  return [program.includes('/') ? program : `${plugins}/${program}`, ...args].map(shellWord).join(' ');
}

/** POSIX.1-2017, Shell Command Language, 2.2.2. */
function shellWord(word: string): string {
  return /^[A-Za-z0-9_/.:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * A command definition of NRPE, on one line. `$` is doubled there: a pair of single ones would be a macro.
 *
 * @throws TypeError for a command that NRPE cannot hold
 */
export function nrpeFile(name: string, check: Check, owner: string, plugins: string = PLUGINS): string {
  const command = shellCommand(check, plugins);
  const line = `command[check_${name}]=${command.replaceAll('$', '$$$$')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  if (/[\u0000-\u001f\u007f]/.test(line)) throw new TypeError(`the check ${name} has a control character in it`);
  if (Buffer.byteLength(line) > LONGEST_LINE) throw new TypeError(`the check ${name} is too long for NRPE`);
  return `${header(owner)}# ${oneLine(check.description)}\n${line}\n`;
}

/** A service definition of Nagios, for a server that collects them. Source: Nagios Core, "Object Definitions". */
export function exportFile(name: string, check: Check, { owner, hostName, groups }: NagiosHost): string {
  const settings = {
    use: 'active-service',
    host_name: hostName,
    service_description: `${hostName}[check_${name}] ${oneLine(check.description)}`,
    check_command: `check_nrpe!check_${name}`,
    servicegroups: groups.join(','),
  };
  const lines = Object.entries(settings).map(([key, value]) => `    ${key.padEnd(32)}${value}\n`);
  return `${header(owner)}define service {\n${lines.join('')}}\n`;
}

/** By this the files of a unit are told from others'. */
function header(owner: string): string {
  return `# Owner: ${owner}\n# Written by the charm of that unit, which writes it again when it is changed.\n`;
}

/** Free text in Nagios' configuration: a semicolon would begin a comment. */
function oneLine(text: string): string {
  return text.replace(/[\p{C}\p{Z};]+/gu, ' ').trim();
}

/** All files of the checks: machine path and text. @param plugins as for {@link shellCommand} */
export function monitoringFiles(
  checks: Checks,
  host: NagiosHost,
  plugins: string = PLUGINS,
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(checks).flatMap(([name, check]) => [
      [`${NRPE}/check_${name}.cfg`, nrpeFile(name, check, host.owner, plugins)],
      [`${EXPORT}/service__${host.hostName}_check_${name}.cfg`, exportFile(name, check, host)],
    ]),
  );
}

/** The `monitors` of the databag: which commands NRPE has on this machine. */
export function monitorsYaml(checks: Checks): string {
  const nrpe = Object.fromEntries(Object.keys(checks).map((name) => [name, { command: `check_${name}` }]));
  return dump({ version: '0.3', monitors: { remote: { nrpe } } });
}
