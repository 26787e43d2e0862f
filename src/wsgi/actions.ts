/** The actions of actions.yaml. Each ends in a result worth reading, or fails with a sentence. */
import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { MASK } from '../system/mask.ts';
import type { WsgiApi } from './api.ts';
import { type PrepareInput, prepare } from './app/prepare.ts';
import { type Provision, rememberProvision, runProvision } from './app/provision.ts';
import { runCommand } from './app/run-command.ts';
import { wsgiYamlOf } from './config/wsgi-yaml.ts';
import { doctor } from './doctor/doctor.ts';
import { haltRelease, promoteRelease } from './fleet/actions.ts';
import { rotateSecretKey } from './fleet/secret-key.ts';
import { readLastServed, servedOptions, typedOptions } from './memory/last-served.ts';
import { exporterPorts, statsdHost } from './metrics/ports.ts';
import { plan } from './plan/plan.ts';
import { describeProcesses } from './processes/describe.ts';
import { runChecks } from './publish/run-checks.ts';
import { readConnections } from './relations/connections.ts';
import { observe } from './relations/databags.ts';
import { unitFacts } from './relations/facts.ts';
import { RELATIONS } from './relations/table.ts';
import { readServed } from './service/state.ts';
import { rollback, setCurrentSymlink } from './source/choose-here.ts';
import { readLedger } from './source/ledger.ts';
import { Problem } from './status.ts';

/** Returns whether what is wanted may have changed, so that the unit looks again. */
type Act = (api: WsgiApi) => Promise<boolean> | boolean;

const ACTIONS: Readonly<Record<string, Act>> = {
  'list-builds': listBuilds,
  'set-current-symlink': setCurrentSymlink,
  rollback,
  restart: restartNow,
  'show-environment': showEnvironment,
  provision: provisionNow,
  run: runNow,
  'list-processes': listProcesses,
  check: runChecks,
  doctor,
  plan,
  'promote-release': promoteRelease,
  'halt-release': haltRelease,
  'rotate-secret-key': rotateSecretKey,
};

/** Runs the action of this event. Actions that the charm's author added are left to their own handlers. */
export async function act(api: WsgiApi): Promise<boolean> {
  const run = Object.hasOwn(ACTIONS, api.event.name) ? ACTIONS[api.event.name] : undefined;
  return run === undefined ? false : run(api);
}

/** Which builds are installed, and which of them is served. */
function listBuilds({ juju, data }: WsgiApi): boolean {
  const ledger = readLedger(data);
  const served = ledger.served.at(-1);
  const lines = ledger.builds.map(({ label, folder, origin, content }) => {
    const marks = [folder === served ? 'current' : '', folder === ledger.latest ? 'latest' : ''].filter(
      (mark) => mark !== '',
    );
    return `${label}\t${folder}\t${origin}\t${content.slice(0, 12)}\t${marks.join(', ')}`;
  });
  juju.actionResult({
    builds: lines.join('\n'),
    current: ledger.builds.find(({ folder }) => folder === served)?.label ?? '',
    latest: ledger.builds.find(({ folder }) => folder === ledger.latest)?.label ?? '',
    ...(ledger.override === undefined ? {} : { override: ledger.override.label }),
  });
  return false;
}

/** Bytes of output that a result carries; the end is what tells. */
const SHOWN = 8000;

/**
 * Runs the provision_command that is set now, in the build that serves, whatever has changed. Where nothing serves yet because it
 * failed, the application is started next.
 */
async function provisionNow(api: WsgiApi): Promise<boolean> {
  const { juju, machine, data } = api;
  try {
    const { provisioning, build } = await prepareNow(api);
    const { command, setBy } = provisioning;
    if (command === undefined) {
      throw new Problem('blocked', 'provision_command is not set, and the Procfile has no release');
    }
    const result = await runProvision(machine, command, provisioning.run);
    juju.actionResult({ output: result.output.slice(-SHOWN) });
    if (!result.ok) {
      juju.actionFail(`${setBy}: ${result.reason}`);
      return false;
    }
    rememberProvision(data, provisioning);
    return build === 'wanted';
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    juju.actionFail(error.message);
  }
  return false;
}

/** What the provision_command and other commands are run with now: in the build that serves, in the wanted one where none does. */
async function prepareNow(
  api: WsgiApi,
): Promise<{ readonly provisioning: Provision; readonly build: PrepareInput['build'] }> {
  const { juju, machine } = api;
  const yaml = wsgiYamlOf(api);
  const options = typedOptions(juju.config(), yaml.application_root);
  const last = readLastServed(api);
  const build = servedOptions(last, yaml.application_root) === undefined ? 'wanted' : 'served';
  const relations = observe(juju, RELATIONS);
  const connections = await readConnections(unitFacts(api, options), relations, last.answers);
  const served = await readServed(machine);
  const input: PrepareInput = {
    yaml,
    options,
    relations,
    connections,
    statsd: statsdHost(await exporterPorts(api.data, relations)),
    served,
    problems: [],
    build,
    provision: 'later',
  };
  const { provisioning } = await prepare(api, input);
  return { provisioning, build };
}

/** Runs a command that the operator gives. */
async function runNow(api: WsgiApi): Promise<boolean> {
  const { juju } = api;
  try {
    const { provisioning } = await prepareNow(api);
    await runCommand(api, provisioning.run);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    juju.actionFail(error.message);
  }
  return false;
}

/** The processes of the application on this unit. */
async function listProcesses({ juju, machine }: WsgiApi): Promise<boolean> {
  const lines = await describeProcesses(machine);
  juju.actionResult({ processes: lines.length === 0 ? 'none run on this unit' : lines.join('\n') });
  return false;
}

/** Restarts the application as safely as for any change: tried beside the running one, with clients waiting. */
function restartNow({ wsgi }: WsgiApi): boolean {
  wsgi.restart();
  return true;
}

const RevealParams = z.object({ reveal: z.optional(z.boolean()) });

/** Variables that the charm or systemd sets itself, and that hold no secret. */
const PLAIN: ReadonlySet<string> = new Set([
  'GUNICORN3_GENERATION',
  'HOME',
  'INVOCATION_ID',
  'LANG',
  'LISTEN_FDNAMES',
  'LISTEN_FDS',
  'LISTEN_PID',
  'LOGNAME',
  'NOTIFY_SOCKET',
  'PATH',
  'SHELL',
  'STATE_DIRECTORY',
  'USER',
  'VIRTUAL_ENV',
]);

/** The environment of the process that serves now. Any value may be a secret, so those of others are masked. */
async function showEnvironment({ machine, juju }: WsgiApi): Promise<boolean> {
  const { pid } = await readServed(machine);
  if (pid === undefined) {
    juju.actionFail('the application is not running, so it has no environment');
    return false;
  }
  const params = RevealParams.safeParse(juju.actionParams());
  const reveal = params.success && params.data.reveal === true;
  const pairs = readFileSync(`/proc/${pid}/environ`, 'utf8')
    .split('\0')
    .filter((pair) => pair.includes('='));
  const lines = pairs.map((pair) => {
    const name = pair.slice(0, pair.indexOf('='));
    return reveal || PLAIN.has(name) ? pair : `${name}=${MASK}`;
  });
  juju.actionResult({ environment: lines.sort().join('\n') });
  return false;
}
