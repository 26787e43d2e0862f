import { lastLine } from './last-line.ts';
import type { Machine } from './machine.ts';

/** What became of a request to systemd; `reason` is the unit's own last words, else systemctl's. */
export type UnitResult = { readonly ok: true } | { readonly ok: false; readonly reason: string };

/** Properties of a unit as `systemctl show` prints them; a property listed several times, such as Listen, has a line each. */
export type UnitProperties = Readonly<Record<string, string>>;

/** Seconds that systemctl may take: a start waits for the service to say that it is ready. */
const TIMEOUT = 300;

/** The version of systemd, such as 252; 0 where it does not say. */
export async function systemdVersion(machine: Machine): Promise<number> {
  const { stdout } = await ask(machine, ['--version'], []);
  return Number(/^systemd (\d+)/.exec(stdout)?.[1] ?? 0);
}

/** Makes systemd read unit files again. */
export function daemonReload(machine: Machine): Promise<UnitResult> {
  return change(machine, ['daemon-reload']);
}

/** Starts units, and waits until they run or failed to. */
export function start(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['start'], units);
}

/** Asks for units to be started, and does not wait for it. */
export function startSoon(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['start', '--no-block'], units);
}

/** Stops units; one that does not exist is stopped. */
export function stop(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['stop'], units, ABSENT);
}

export function restart(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['restart'], units);
}

/** Starts units with the machine from now on. */
export function enable(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['enable', '--quiet'], units);
}

/** No longer starts units with the machine; one that does not exist is disabled. */
export function disable(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['disable', '--quiet'], units, ABSENT);
}

/** Forgets that units failed, and how often they were started. */
export function resetFailed(machine: Machine, ...units: string[]): Promise<UnitResult> {
  return change(machine, ['reset-failed'], units, ABSENT);
}

/** Whether a unit is active: a service runs, a socket listens. */
export async function isActive(machine: Machine, unit: string): Promise<boolean> {
  return (await ask(machine, ['is-active', '--quiet'], [unit])).code === 0;
}

/** Properties of each of the units, those that do not exist included (LoadState is `not-found` there). */
export async function show(
  machine: Machine,
  units: readonly string[],
  properties: readonly string[] = [],
): Promise<Map<string, UnitProperties>> {
  if (units.length === 0) return new Map();
  const { stdout } = await ask(
    machine,
    ['show', ...(properties.length > 0 ? ['-p', properties.join(',')] : [])],
    units,
  );
  const blocks = stdout.split('\n\n').map(parseProperties);
  return new Map(units.map((unit, i) => [unit, blocks[i] ?? {}]));
}

function parseProperties(block: string): UnitProperties {
  const properties: Record<string, string> = {};
  for (const line of block.split('\n')) {
    const equals = line.indexOf('=');
    if (equals < 1) continue;
    const name = line.slice(0, equals);
    const value = line.slice(equals + 1);
    properties[name] = name in properties ? `${properties[name]}\n${value}` : value;
  }
  return properties;
}

/** Names of the loaded units that match a pattern such as `gunicorn3-*.socket`. */
export async function listUnits(machine: Machine, pattern: string): Promise<string[]> {
  const args = ['list-units', '--all', '--plain', '--no-legend', '--no-pager', '--full'];
  const { stdout } = await ask(machine, args, [pattern]);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/)[0] ?? '')
    .filter((name) => name !== '');
}

/** The last lines that a unit wrote to the journal, oldest first; none when there is no journal. */
export async function journal(machine: Machine, unit: string, lines: number): Promise<string[]> {
  const args = ['-u', unit, '-n', String(lines), '-o', 'cat', '--no-pager', '--quiet'];
  const { code, stdout } = await machine.run('journalctl', args, { timeout: 30 });
  if (code !== 0) return [];
  return stdout.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('-- '));
}

/** Lines in which systemd itself, and not the service, speaks of a unit. */
const FROM_SYSTEMD =
  /^(?:[\w@:.\\-]+\.(?:service|socket): |(?:Starting|Started|Stopping|Stopped|Closed|Listening on|Failed to (?:start|listen on)) )/;
/** What systemd says of a unit, the most telling kind first: `web.socket: Failed to create listening socket: ...`. */
const TELLING = [/: (Failed (?!with result ).*)$/, /: (Main process exited.*)$/, /: (.*timed out.*)$/];

/**
 * Why a unit failed: the telling last line that the service itself wrote, else what systemd said of it. Empty when the
 * journal says nothing.
 */
export async function failureReason(machine: Machine, unit: string): Promise<string> {
  const lines = await journal(machine, unit, 20);
  const own = lines.filter((line) => !FROM_SYSTEMD.test(line));
  if (own.length > 0) return lastLine(own.join('\n'));
  for (const kind of TELLING) {
    const [, said] = lines.map((line) => kind.exec(line)).findLast((match) => match !== null) ?? [];
    if (said !== undefined) return said;
  }
  return lastLine(lines.join('\n'));
}

/** What systemctl says of a unit that does not exist, so that there is nothing to undo. */
const ABSENT = /not loaded|does not exist|not be found|No such file/;

async function change(
  machine: Machine,
  verb: readonly string[],
  units: readonly string[] = [],
  fine?: RegExp,
): Promise<UnitResult> {
  const { code, stdout, stderr, timedOut } = await ask(machine, verb, units);
  if (code === 0 || fine?.test(stderr)) return { ok: true };
  const [unit] = units;
  const reason = timedOut || unit === undefined ? '' : await failureReason(machine, unit);
  const said = timedOut ? `systemctl ${verb[0]} took longer than ${TIMEOUT} s` : lastLine(stderr || stdout);
  return { ok: false, reason: reason || said || `systemctl ${verb[0]} ended with code ${code}` };
}

function ask(machine: Machine, verb: readonly string[], units: readonly string[]) {
  const args = units.length === 0 ? verb : [...verb, '--', ...units];
  return machine.run('systemctl', args, { timeout: TIMEOUT });
}
