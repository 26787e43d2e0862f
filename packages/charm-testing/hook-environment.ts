/** The environment that Juju gives a hook, for an event in a state. Source: a Juju 4.0.14 recorded at work. */
import type { Event } from './event.ts';
import { applicationOf, endpointOf, eventName } from './event.ts';
import type { State } from './state.ts';

/** What Juju starts: a hook, an action, or what an operator typed. */
export function scriptOf(event: Event): string {
  if (event.kind === 'exec') return event.script;
  return event.kind === 'action' ? `actions/${event.name}` : `hooks/${eventName(event)}`;
}

/** All variables of the hook. */
export function environmentFor(event: Event, state: State, charmDir: string): Record<string, string> {
  const called = event.kind === 'action' || event.kind === 'exec';
  return {
    ...unitVariables(state, charmDir),
    JUJU_HOOK_NAME: called ? '' : eventName(event),
    JUJU_DISPATCH_PATH: event.kind === 'exec' ? '' : scriptOf(event),
    JUJU_CONTEXT_ID: `${state.unit}-${eventName(event)}-0`,
    ...eventVariables(event, state),
  };
}

function unitVariables(state: State, charmDir: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    TERM: 'tmux-256color',
    DEBIAN_FRONTEND: 'noninteractive',
    APT_LISTCHANGES_FRONTEND: 'none',
    CLOUD_API_VERSION: '',
    CHARM_DIR: charmDir,
    JUJU_CHARM_DIR: charmDir,
    JUJU_UNIT_NAME: state.unit,
    JUJU_MODEL_NAME: state.model.name,
    JUJU_MODEL_UUID: state.model.uuid,
    JUJU_VERSION: state.jujuVersion,
    JUJU_MACHINE_ID: '0',
    JUJU_PRINCIPAL_UNIT: state.principal ?? '',
    JUJU_AVAILABILITY_ZONE: state.availabilityZone,
    JUJU_CHARM_HTTP_PROXY: state.proxies.http,
    JUJU_CHARM_HTTPS_PROXY: state.proxies.https,
    JUJU_CHARM_FTP_PROXY: state.proxies.ftp,
    JUJU_CHARM_NO_PROXY: state.proxies.no,
  };
}

function eventVariables(event: Event, state: State): Record<string, string> {
  switch (event.kind) {
    case 'hook':
      return {};
    case 'relation':
      return {
        JUJU_RELATION: endpointOf(event.id),
        JUJU_RELATION_ID: event.id,
        JUJU_REMOTE_UNIT: event.unit ?? '',
        JUJU_REMOTE_APP:
          state.relations.find(({ id }) => id === event.id)?.remoteApp ?? applicationOf(event.unit ?? ''),
        ...(event.departing === undefined ? {} : { JUJU_DEPARTING_UNIT: event.departing }),
      };
    case 'secret':
      return {
        JUJU_SECRET_ID: event.name === 'secret-changed' ? `secret:${event.id}` : event.id,
        JUJU_SECRET_LABEL: state.secrets.find(({ id }) => id === event.id)?.label ?? '',
        ...(event.revision === undefined ? {} : { JUJU_SECRET_REVISION: String(event.revision) }),
      };
    case 'storage':
      return {
        JUJU_STORAGE_ID: event.id,
        JUJU_STORAGE_LOCATION: state.storage.find(({ id }) => id === event.id)?.location ?? '',
      };
    case 'action':
      return { JUJU_ACTION_NAME: event.name, JUJU_ACTION_UUID: '1', JUJU_ACTION_TAG: 'action-1' };
    case 'exec':
      return { ...event.env, JUJU_ACTION_NAME: 'juju-exec', JUJU_ACTION_UUID: '1', JUJU_ACTION_TAG: 'action-1' };
  }
}
