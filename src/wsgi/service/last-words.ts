/** Why an application ended, in its own words. */
import { readJsonLine } from '../../system/json-log.ts';
import { lastException, lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { journal } from '../../system/systemd.ts';

/** Lines of the journal that are looked through: a traceback of an import may be long. */
const LINES = 300;
/** Where a start of one of these units begins. */
const BEGINNING = /\[INFO\] Starting gunicorn |^Starting (?:gunicorn3|trial of gunicorn|gunicorn for|process )/;
/** What others say: gunicorn on its way out, systemd of its units, and the frame of a traceback. */
const OTHERS =
  /^gunicorn\.errors\.HaltServer|^SystemExit|^\s|^Traceback |^During handling of |^The above exception |^[\w@.\\-]+\.(?:service|socket): |^(?:Started|Starting|Stopped|Stopping|Failed to start) /;
/** What templates/gunicorn3-run.py.hbs says in place of a start. */
const GIVEN_UP = /^gunicorn3: it died again and again/;
const GUNICORNS_OWN = /^\[[^\]]+\] \[\d+\] \[([A-Z]+)\] (.*)$/;
/** Lines that gunicorn logs in every run, whatever the log format. */
const FAREWELL =
  /^(?:Reason: |Worker \(pid|Worker exiting|Shutting down|Exception in worker|Booting worker|Handling signal|Autorestarting worker|Starting gunicorn |Listening at|Using worker|Control socket)/;

/**
 * The application's last exception since its unit was started, else its last line, else what gunicorn complained about.
 * Empty when nothing was written.
 */
export async function lastWords(machine: Machine, unit: string): Promise<string> {
  return lastWordsIn(await journal(machine, unit, LINES));
}

/** What gunicorn says of a worker that has served max_requests; another takes its place. */
const RECYCLED = 'Autorestarting worker after current request';

/** How many workers were replaced since the unit was started because they had served as many requests as they may. */
export async function recycled(machine: Machine, unit: string): Promise<number> {
  return sinceStart(await journal(machine, unit, LINES)).filter((line) => line.includes(RECYCLED)).length;
}

/** Lines of the last start that was made; those that the launcher refused say nothing of the application. */
function sinceStart(lines: readonly string[]): string[] {
  let plain = lines.flatMap(plainLines);
  for (;;) {
    const begun = plain.findLastIndex(isBeginning);
    const since = plain.slice(begun + 1);
    if (begun < 0 || !since.some((line) => GIVEN_UP.test(line))) return since;
    plain = plain.slice(0, begun);
  }
}

function isBeginning(line: string): boolean {
  return BEGINNING.test(line);
}

export function lastWordsIn(lines: readonly string[]): string {
  const since = sinceStart(lines);
  const own = since.filter((line) => !OTHERS.test(line) && !GUNICORNS_OWN.test(line));
  const complaints = since
    .map((line) => GUNICORNS_OWN.exec(line))
    .filter((match) => match !== null && match[1] !== 'INFO' && !FAREWELL.test(match[2] ?? ''))
    .map((match) => match?.[2] ?? '');
  const telling = lastException(since) ?? own.at(-1) ?? complaints.at(-1);
  return telling === undefined ? '' : lastLine(telling);
}

/** A line in JSON as gunicorn, and a traceback as Python, would have written it without a formatter. */
function plainLines(line: string): string[] {
  const entry = readJsonLine(line);
  if (entry === undefined) return [line];
  const { level, message, traceback } = entry;
  const [first = '', ...more] = message.split('\n');
  const gunicorns = FAREWELL.test(first) || /^(?:WORKER TIMEOUT|Worker was sent)/.test(first);
  const said = gunicorns
    ? [`[json] [0] [${level || 'INFO'}] ${first}`, ...more]
    : message === ''
      ? []
      : [first, ...more];
  return [...said, ...traceback];
}
