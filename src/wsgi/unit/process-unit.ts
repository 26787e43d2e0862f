/** Texts of the units of a process, and what they are called. */
import renderService from '../../../templates/wsgi-process.service.hbs';
import renderTimer from '../../../templates/wsgi-process.timer.hbs';
import { commandLine, fromUnitNamePart, unitNamePart, unitValue } from '../../system/unit-words.ts';
import { type Confinement, confined } from './confinement.ts';
import { withExec } from './shell-command.ts';

export interface ProcessSpec extends Confinement {
  /** The unit of Juju that the file belongs to. */
  readonly owner: string;
  /** Of the process, as the Procfile has it. */
  readonly name: string;
  /** For /bin/sh. */
  readonly command: string;
  /** A Python for the launcher. */
  readonly python: string;
  /** The program of templates/gunicorn3-run.py.hbs. */
  readonly launcher: string;
  /** Seconds. */
  readonly stopTimeout: number;
  /** Whether it is run by a timer, and otherwise runs all the time. */
  readonly scheduled: boolean;
  /** Whether it starts with the machine. */
  readonly enabled: boolean;
}

/** Seconds between the end of a process's time to stop and systemd's. */
const AFTER = 5;

/** The file of a process: a template of its instances, or the service that its timer starts. */
export function processFile(name: string, scheduled: boolean): string {
  return `wsgi-${unitNamePart(name)}${scheduled ? '' : '@'}.service`;
}

/** One of the units that run a process, counted from 1. */
export function processInstance(name: string, number: number): string {
  return `wsgi-${unitNamePart(name)}@${number}.service`;
}

export function processTimer(name: string): string {
  return `wsgi-${unitNamePart(name)}.timer`;
}

/** What the name of a unit, or of its file, says; undefined for one that no process has. */
export function processOf(
  unit: string,
): { readonly name: string; readonly kind: 'instance' | 'scheduled' | 'timer'; readonly file: string } | undefined {
  const [, part, at, suffix] = /^wsgi-([^@]+)(@[0-9]*)?\.(service|timer)$/.exec(unit) ?? [];
  if (part === undefined || (at !== undefined && suffix === 'timer')) return undefined;
  const kind = suffix === 'timer' ? 'timer' : at === undefined ? 'scheduled' : 'instance';
  return { name: fromUnitNamePart(part), kind, file: at === undefined ? unit : `wsgi-${part}@.service` };
}

export function processUnit(spec: ProcessSpec): string {
  const { owner, name, scheduled, stopTimeout } = spec;
  return renderService({
    ...confined(spec),
    owner,
    file: processFile(name, scheduled),
    description: unitValue(`process ${name} of ${owner}`),
    scheduled,
    enabled: spec.enabled,
    execStart: commandLine(['/bin/sh', '-c', withExec(spec.command)]),
    execStop: commandLine([spec.python, '-I', '-S', spec.launcher, '--stop', String(stopTimeout)]),
    stopTimeout: stopTimeout + AFTER,
    identifier: unitValue(`wsgi-${name}`),
  });
}

export function processTimerUnit(owner: string, name: string, schedule: string): string {
  return renderTimer({
    owner,
    description: unitValue(`times of process ${name} of ${owner}`),
    schedule: unitValue(schedule),
    service: processFile(name, true),
  });
}
