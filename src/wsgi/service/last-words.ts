/** Why an application ended, in its own words. */
import { lastLine } from '../../system/last-line.ts';
import type { Machine } from '../../system/machine.ts';
import { journal } from '../../system/systemd.ts';

/** Lines of the journal that are looked through: a traceback of an import may be long. */
const LINES = 300;
/** Where a start of one of these units begins. */
const BEGINNING = /\[INFO\] Starting gunicorn |^Starting (?:gunicorn3|trial of gunicorn|gunicorn for)/;
/** The last line of a Python traceback: an exception's name, and what it says. */
const EXCEPTION = /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Warning|NotFound|Configured)\b/;
/** What others say: gunicorn on its way out, systemd of its units, and the frame of a traceback. */
const OTHERS =
  /^gunicorn\.errors\.HaltServer|^SystemExit|^\s|^Traceback |^During handling of |^The above exception |^[\w@.\\-]+\.(?:service|socket): |^(?:Started|Starting|Stopped|Stopping|Failed to start) /;
const GUNICORNS_OWN = /^\[[^\]]+\] \[\d+\] \[([A-Z]+)\] (.*)$/;
const FAREWELL =
  /^(?:Reason: |Worker \(pid|Worker exiting|Shutting down|Exception in worker|Booting worker|Handling signal)/;

/**
 * The application's last exception since its unit was started, else its last line, else what gunicorn complained about.
 * Empty when nobody said anything.
 */
export async function lastWords(machine: Machine, unit: string): Promise<string> {
  return lastWordsIn(await journal(machine, unit, LINES));
}

export function lastWordsIn(lines: readonly string[]): string {
  const since = lines.slice(lines.findLastIndex((line) => BEGINNING.test(line)) + 1);
  const own = since.filter((line) => !OTHERS.test(line) && !GUNICORNS_OWN.test(line));
  const complaints = since
    .map((line) => GUNICORNS_OWN.exec(line))
    .filter((match) => match !== null && match[1] !== 'INFO' && !FAREWELL.test(match[2] ?? ''))
    .map((match) => match?.[2] ?? '');
  const telling = own.findLast((line) => EXCEPTION.test(line)) ?? own.at(-1) ?? complaints.at(-1);
  return telling === undefined ? '' : lastLine(telling);
}
