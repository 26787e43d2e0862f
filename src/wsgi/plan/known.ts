/** What can be told of a build that is on the unit: everything that a hook would decide about it. */
import { systemdVersion } from '../../system/systemd.ts';
import { findVenv } from '../../system/venv.ts';
import type { WsgiApi } from '../api.ts';
import { certificatesDigest, processesOf, withVenv } from '../app/prepare.ts';
import { isMakeDue, isProvisionDue, provisionCommand } from '../app/provision.ts';
import { venvSpec } from '../app/virtual-environment.ts';
import { readAsks } from '../author-requests.ts';
import type { Variables } from '../config/environment-variables.ts';
import type { Options } from '../config/options.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { readLastServed } from '../memory/last-served.ts';
import { exporterPorts, statsdHost } from '../metrics/ports.ts';
import { DROP_INS, VENVS } from '../paths.ts';
import { desiredProcesses } from '../processes/desired-processes.ts';
import { planProcesses } from '../processes/plan.ts';
import { readProcfile } from '../processes/procfile.ts';
import { readProcesses } from '../processes/state.ts';
import type { Connections } from '../relations/connections.ts';
import type { Relations } from '../relations/databags.ts';
import { changedByHand, hasUnreadDropIns, processDrift } from '../service/drift.ts';
import { isUnproven } from '../service/replace.ts';
import type { Served } from '../service/state.ts';
import { nextStep, type Step } from '../service/step.ts';
import type { Source } from '../source/in-place.ts';
import { type DesiredServiceInput, desiredService } from '../unit/desired-service.ts';
import type { Known } from './effects.ts';

interface KnownInput {
  readonly api: WsgiApi;
  readonly yaml: WsgiYaml;
  readonly options: Options;
  readonly relations: Relations;
  readonly connections: Connections;
  readonly served: Served;
  readonly source: Source;
  /** Without the virtual environment. */
  readonly environment: Variables;
}

/** @throws Problem for a Procfile or a process that is not as it must be */
export async function knownOf(input: KnownInput): Promise<Known> {
  const { api, yaml, options, relations, connections, served, source, environment } = input;
  const { machine, juju, data, keep } = api;
  const account = { user: yaml.username, group: yaml.username };
  const place = source.label === undefined ? source.folder : `build ${source.label}`;
  const procfile = await readProcfile(machine, source.folder, place);
  const processes = await processesOf(api, options, procfile);
  const found = await findVenv(machine, venvSpec(api, options, source, account, environment));
  const venv = found?.path ?? `${VENVS}/new`;
  const unit: DesiredServiceInput = {
    api,
    yaml,
    options,
    relations,
    source,
    account,
    venv,
    environment: withVenv(environment, machine.path(venv)),
    mask: (text) => text,
    secrets: connections.secrets,
    systemd: await systemdVersion(machine),
    restarts: readAsks(keep).restarts,
    certificates: certificatesDigest(connections),
    statsd: statsdHost(await exporterPorts(data, relations)),
  };
  const { command, words } = provisionCommand(options, procfile);
  const here = options.provision_on === 'every' || juju.isLeader();
  const { databases } = connections;
  const provisions = isProvisionDue(data, { command, here, source: source.digest, databases });
  const targets = options.update_make_target;
  const due = source.label !== undefined && isMakeDue(data, targets, source.digest, source.folder);
  const desired = desiredProcesses(unit, processes).processes;
  return {
    python: found === undefined && options.python?.kind === 'version' ? options.python.version : undefined,
    installed: found?.isThere ?? false,
    make: due ? targets : [],
    provision: provisions ? words : undefined,
    processes: planProcesses({
      processes: desired,
      state: await readProcesses(
        machine,
        desired.flatMap(({ units }) => units),
      ),
      leads: juju.isLeader(),
      startStopped: false,
    }),
    step: relations['wsgi-file'].length > 0 ? undefined : await stepOf(api, unit, served),
  };
}

async function stepOf(api: WsgiApi, unit: DesiredServiceInput, served: Served): Promise<Step> {
  const { machine } = api;
  const wanted = desiredService(unit);
  const changed = await changedByHand(machine, wanted, served);
  if (await hasUnreadDropIns(machine, served)) changed.push(DROP_INS);
  return nextStep({
    served,
    wanted,
    changed,
    drift: processDrift(machine, wanted, served),
    unproven: await isUnproven(machine),
    startedBefore: readLastServed(api).started,
    startStopped: false,
  });
}
