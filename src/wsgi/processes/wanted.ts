/** Which processes an application has: those of its Procfile and of the charm's author, with what the options say of them. */
import type { Counts, Schedules } from '../config/processes.ts';
import { roleOf } from '../process-names.ts';
import { blocked } from '../status.ts';
import type { Procfile } from './procfile.ts';

export interface Process {
  readonly name: string;
  /** For /bin/sh. */
  readonly command: string;
  /** How many run on a unit that runs it. */
  readonly count: number;
  /** Whether it runs on the leader alone. */
  readonly onLeader: boolean;
  /** When it runs, as an OnCalendar= expression; undefined for one that always runs. */
  readonly schedule: string | undefined;
}

export interface WantedInput {
  readonly procfile: Procfile;
  /** What the charm's author declares; it wins over the Procfile. */
  readonly declared: Readonly<Record<string, { readonly command: string; readonly count?: number | undefined }>>;
  readonly counts: Counts;
  readonly schedules: Schedules;
}

/** @throws Problem for an option that names a process which is not there */
export function wantedProcesses({ procfile, declared, counts, schedules }: WantedInput): Process[] {
  const commands = new Map([
    ...procfile,
    ...Object.entries(declared).map(([name, { command }]) => [name, command] as const),
  ]);
  const names = [...commands.keys()].sort().filter((name) => roleOf(name) !== 'web' && roleOf(name) !== 'release');
  for (const [option, given] of [
    ['processes', counts],
    ['schedules', schedules],
  ] as const) {
    const unknown = [...given.keys()].find((name) => !names.includes(name));
    if (unknown === undefined) continue;
    const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
    blocked(`${option}: the application has no process ${unknown}; ${there}`);
  }
  return names.map((name) => {
    const schedule = schedules.get(name);
    return {
      name,
      command: commands.get(name) ?? '',
      count: counts.get(name) ?? declared[name]?.count ?? 1,
      onLeader: schedule !== undefined || roleOf(name) === 'scheduler',
      schedule,
    };
  });
}
