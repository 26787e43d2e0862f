/** Puts the processes of an application into the texts of units: pure but for what the machine calls its paths. */
import { digestOf } from '../../system/digest.ts';
import { environmentFile } from '../../system/environment-file.ts';
import { LAUNCHER, processEnvironmentPath } from '../paths.ts';
import { confinementOf, type DesiredServiceInput } from '../unit/desired-service.ts';
import { launcherProgram } from '../unit/gunicorn.ts';
import { processFile, processInstance, processTimer, processTimerUnit, processUnit } from '../unit/process-unit.ts';
import type { Process } from './wanted.ts';

/** A process as the units that it is made of. */
export interface DesiredProcess {
  readonly name: string;
  /** Text of each unit file, by its name. */
  readonly files: ReadonlyMap<string, string>;
  /** What is started where it runs: its instances, or its timer. */
  readonly units: readonly string[];
  /** Whether it runs on the leader alone. It does not start with the machine then, which may not lead any more. */
  readonly onLeader: boolean;
  /** What its instances are started with; another one is started anew. */
  readonly generation: string;
}

/** Everything that bringing the processes in line needs to know. */
export interface DesiredProcesses {
  readonly owner: string;
  readonly processes: readonly DesiredProcess[];
  readonly environment: string;
  /** Machine path of the file that `environment` is the text of. */
  readonly environmentPath: string;
  /** Files that all units need: machine path and text. Nothing in them is secret. */
  readonly files: ReadonlyMap<string, string>;
  /** Seconds for which a process that was started must go on. */
  readonly settleTime: number;
  /** `build r2`, or `the application`: for a status line. */
  readonly thing: string;
  readonly mask: (text: string) => string;
}

export function desiredProcesses(input: DesiredServiceInput, processes: readonly Process[]): DesiredProcesses {
  const { api, options, source, mask } = input;
  const owner = api.juju.unit.unit;
  const environment = environmentFile(input.environment);
  const environmentPath = processEnvironmentPath(digestOf(environment).slice(0, 16));
  const seen = (path: string) => api.machine.path(path);

  function desired({ name, command, count, onLeader, schedule }: Process): DesiredProcess {
    const scheduled = schedule !== undefined;
    const text = (generation: string) =>
      processUnit({
        ...confinementOf(input, generation, environmentPath),
        owner,
        name,
        command,
        python: seen(`${input.venv}/bin/python`),
        launcher: seen(LAUNCHER),
        stopTimeout: options.process_stop_timeout,
        scheduled,
        enabled: !onLeader,
      });
    const generation = digestOf([text(''), source.digest, input.restarts, input.certificates]).slice(0, 16);
    const files = new Map([[processFile(name, scheduled), text(generation)]]);
    if (schedule !== undefined) files.set(processTimer(name), processTimerUnit(owner, name, schedule));
    const instances = Array.from({ length: count }, (_, index) => processInstance(name, index + 1));
    const units = scheduled ? instances.slice(0, 1).map(() => processTimer(name)) : instances;
    return { name, files, units, onLeader, generation };
  }

  return {
    owner,
    processes: processes.map(desired),
    environment,
    environmentPath,
    files: new Map([[LAUNCHER, launcherProgram()]]),
    settleTime: options.settle_time,
    thing: source.label === undefined ? 'the application' : `build ${source.label}`,
    mask,
  };
}
