/** The options that speak of the processes of a Procfile: how many of each there are, and which run at what times. */
import { MOST_OF_A_PROCESS, PROCESS_NAME, roleOf } from '../process-names.ts';
import { atMost, BadValue, shown } from './values.ts';

/** How many of a process run on a unit, by its name. */
export type Counts = ReadonlyMap<string, number>;
/** When a process runs, as an OnCalendar= expression of systemd.time(7), by its name. */
export type Schedules = ReadonlyMap<string, string>;

/** `worker=2 mailer=0`. */
export function processCounts(text: string): Counts {
  const counts = new Map<string, number>();
  for (const { name, value } of assignments(text, 'worker=2')) {
    if (!/^\d{1,9}$/.test(value) || Number(value) > MOST_OF_A_PROCESS) {
      throw new BadValue(
        `${name}=${shown(value)} is not a number in range; ${name}=0 to ${name}=${MOST_OF_A_PROCESS} is right`,
      );
    }
    if (roleOf(name) === 'scheduler' && Number(value) > 1) {
      throw new BadValue(`${name}=${value}: a scheduler runs once in all units; ${name}=0 or ${name}=1 is right`);
    }
    counts.set(name, Number(value));
  }
  return counts;
}

/** `cleanup=daily report="Mon *-*-* 06:00"`. Whether the expressions mean anything only systemd can say. */
export function processSchedules(text: string): Schedules {
  const schedules = new Map<string, string>();
  for (const { name, value } of assignments(text, 'cleanup=daily')) {
    if (value.trim() === '') throw new BadValue(`${name} has no times; ${name}=daily is right`);
    schedules.set(name, value);
  }
  return schedules;
}

interface Assignment {
  readonly name: string;
  readonly value: string;
}

/** One word; a value that has spaces in it is in quotes. */
const WORD = /^\s*([^\s=]*)=(?:"([^"\p{Cc}]*)"|'([^'\p{Cc}]*)'|([^\s"']*))(?=\s|$)/u;

function assignments(text: string, example: string): Assignment[] {
  const found: Assignment[] = [];
  for (let rest = atMost(4096, text); rest.trim() !== ''; ) {
    const match = WORD.exec(rest);
    const [whole = '', name = '', double, single, plain = ''] = match ?? [];
    if (match === null) throw new BadValue(`${shown(firstWord(rest))} is not NAME=VALUE such as ${example}`);
    if (!PROCESS_NAME.test(name)) throw new BadValue(`${shown(name)} is not the name of a process, as in ${example}`);
    const role = roleOf(name);
    if (role === 'web') throw new BadValue('web is gunicorn, which the option workers is for; leave it out');
    if (role === 'release') throw new BadValue('release runs once for each release; leave it out');
    if (found.some((other) => other.name === name)) throw new BadValue(`${name} is there twice; once is right`);
    found.push({ name, value: double ?? single ?? plain });
    rest = rest.slice(whole.length);
  }
  return found;
}

function firstWord(text: string): string {
  return text.trim().split(/\s+/)[0] ?? '';
}
