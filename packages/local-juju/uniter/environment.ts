/** The environment of a hook, variable for variable as Juju gives it: nothing of the host's comes through. Pure. */

import type { ModelState, Unit } from '../model/state.ts';
import type { UnitPaths } from './unit-paths.ts';

/** What runs: a hook, an action, or the command of `exec`. */
export interface Event {
  /** `config-changed`, `set-current-symlink`, `juju-exec` */
  readonly name: string;
  readonly kind: 'hook' | 'action' | 'exec';
  readonly relation?: {
    readonly endpoint: string;
    readonly id: string;
    readonly remoteApp: string;
    readonly remoteUnit: string | undefined;
    readonly departingUnit: string | undefined;
  };
  readonly secret?: { readonly id: string; readonly label: string; readonly revision: number | undefined };
  readonly task?: string;
}

export interface Surroundings {
  /** PATH of the machine, without the unit's tools. */
  readonly path: string;
  readonly paths: UnitPaths;
  readonly contextId: string;
  /** Variables that the kind of machine asks for. */
  readonly machine: Readonly<Record<string, string>>;
}

export function hookEnvironment(
  state: ModelState,
  unit: Unit,
  event: Event,
  around: Surroundings,
): Record<string, string> {
  return {
    ...base(state, unit, around),
    ...around.machine,
    JUJU_CONTEXT_ID: around.contextId,
    JUJU_HOOK_NAME: event.kind === 'hook' ? event.name : '',
    ...(event.kind === 'exec' ? {} : { JUJU_DISPATCH_PATH: `${event.kind}s/${event.name}` }),
    ...relationVariables(event),
    ...secretVariables(event),
    ...(event.task === undefined
      ? {}
      : { JUJU_ACTION_NAME: event.name, JUJU_ACTION_UUID: event.task, JUJU_ACTION_TAG: `action-${event.task}` }),
  };
}

function base(state: ModelState, unit: Unit, { path, paths }: Surroundings): Record<string, string> {
  const config = (name: string) => state.modelConfig[name] ?? '';
  const major = Number.parseInt(state.jujuVersion, 10);
  return {
    APT_LISTCHANGES_FRONTEND: 'none',
    CHARM_DIR: paths.charm,
    CLOUD_API_VERSION: '',
    DEBIAN_FRONTEND: 'noninteractive',
    JUJU_AGENT_SOCKET_ADDRESS: paths.socket,
    JUJU_AGENT_SOCKET_NETWORK: 'unix',
    JUJU_API_ADDRESSES: '127.0.0.1:17070',
    JUJU_AVAILABILITY_ZONE: '',
    JUJU_CHARM_DIR: paths.charm,
    JUJU_CHARM_FTP_PROXY: config('juju-ftp-proxy'),
    JUJU_CHARM_HTTPS_PROXY: config('juju-https-proxy'),
    JUJU_CHARM_HTTP_PROXY: config('juju-http-proxy'),
    JUJU_CHARM_NO_PROXY: config('juju-no-proxy'),
    ...(major >= 4
      ? { JUJU_CHARM_TRACE_CONFIG_CA_CERT: '', JUJU_CHARM_TRACE_CONFIG_GRPC: '', JUJU_CHARM_TRACE_CONFIG_HTTP: '' }
      : { JUJU_METER_INFO: 'not set', JUJU_METER_STATUS: 'AMBER', JUJU_SLA: 'unsupported' }),
    JUJU_MACHINE_ID: unit.machine,
    JUJU_MODEL_NAME: state.name,
    JUJU_MODEL_UUID: state.uuid,
    JUJU_PRINCIPAL_UNIT: unit.principal ?? '',
    JUJU_UNIT_NAME: unit.name,
    JUJU_VERSION: state.jujuVersion,
    LANG: 'C.UTF-8',
    PATH: `${paths.tools}:${path}`,
    TERM: 'tmux-256color',
  };
}

function relationVariables({ relation }: Event): Record<string, string> {
  if (relation === undefined) return {};
  return {
    JUJU_RELATION: relation.endpoint,
    JUJU_RELATION_ID: relation.id,
    JUJU_REMOTE_APP: relation.remoteApp,
    JUJU_REMOTE_UNIT: relation.remoteUnit ?? '',
    ...(relation.departingUnit === undefined ? {} : { JUJU_DEPARTING_UNIT: relation.departingUnit }),
  };
}

function secretVariables({ name, secret }: Event): Record<string, string> {
  if (secret === undefined) return {};
  return {
    // secret-changed gets a URI, the others the bare ID; so it was recorded.
    JUJU_SECRET_ID: name === 'secret-changed' ? `secret:${secret.id}` : secret.id,
    JUJU_SECRET_LABEL: secret.label,
    ...(secret.revision === undefined ? {} : { JUJU_SECRET_REVISION: String(secret.revision) }),
  };
}
