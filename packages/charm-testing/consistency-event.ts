import type { CharmMeta } from './charm.ts';
import { applicationOf, type Event, eventName } from './event.ts';
import { endpointsOf, listed } from './meta.ts';
import type { State } from './state.ts';

const HOOKS = new Set(
  ['install', 'start', 'config-changed', 'upgrade-charm', 'update-status', 'stop', 'remove', 'leader-elected']
    .concat(['leader-settings-changed', 'pre-series-upgrade', 'post-series-upgrade', 'collect-metrics'])
    .concat(['meter-status-changed']),
);
const RELATION_HOOK = /^(.+)-relation-(created|joined|changed|departed|broken)$/;

/** Events come only where there is something that they can be about. */
export function eventMistakes(meta: CharmMeta, event: Event, state: State): string[] {
  switch (event.kind) {
    case 'hook':
      return hookMistakes(event.name, meta, state);
    case 'relation':
      return relationEventMistakes(event, state);
    case 'secret':
      return secretMistakes(event, state);
    case 'storage':
      return state.storage.some(({ id }) => id === event.id)
        ? []
        : [
            `${eventName(event)}: the state has no storage ${event.id}; it has ${listed(state.storage.map(({ id }) => id))}`,
          ];
    case 'action':
      return actionMistakes(event, meta);
    case 'exec':
      return [];
  }
}

function hookMistakes(name: string, meta: CharmMeta, state: State): string[] {
  const relation = RELATION_HOOK.exec(name);
  if (relation !== null) {
    const [, endpoint = '', step = ''] = relation;
    const known = endpointsOf(meta).has(endpoint) ? '' : `; and metadata.yaml has no endpoint ${endpoint}`;
    const call = `relation${step[0]?.toUpperCase()}${step.slice(1)}('${endpoint}:1', ...)`;
    return [`${name}: a relation event is about one relation; write ${call}${known}`];
  }
  if (name.startsWith('secret-')) return [`${name}: a secret event is about one secret; write secretChanged(id)`];
  const storage = /^(.+)-storage-(attached|detaching)$/.exec(name);
  if (storage !== null) {
    const call = storage[2] === 'attached' ? 'storageAttached' : 'storageDetaching';
    return [`${name}: a storage event is about one storage; write ${call}('${storage[1]}/0')`];
  }
  if (!HOOKS.has(name)) return [`${name}: Juju has no such hook; it has ${listed(HOOKS)}, and those of relations`];
  if (name === 'leader-elected' && !state.leader) {
    return ['leader-elected: it comes to the leader only; the state should have leader: true'];
  }
  return [];
}

function relationEventMistakes(event: Event & { kind: 'relation' }, state: State): string[] {
  const name = eventName(event);
  const relation = state.relations.find(({ id }) => id === event.id);
  if (relation === undefined) {
    const ids = listed(state.relations.map(({ id }) => id));
    return [`${name}: the state has no relation ${event.id}; its relations are ${ids}`];
  }
  const units = Object.keys(relation.remoteUnits);
  const { unit } = event;
  if (event.step === 'created') {
    return units.length === 0 ? [] : [`${name}: no remote unit has joined yet; ${listed(units)} should not be there`];
  }
  if (event.step === 'broken') {
    return units.length === 0
      ? []
      : [`${name}: all remote units have departed before; ${listed(units)} should not be there`];
  }
  if (unit === undefined) {
    if (event.step === 'changed') return [];
    return [`${name}: it is about one unit; name one of ${listed(units)}`];
  }
  if (units.includes(unit)) return [];
  const whose = applicationOf(unit) === relation.remoteApp ? '' : ` (the application there is ${relation.remoteApp})`;
  return [`${name}: ${unit} is not in relation ${event.id}; add it to remoteUnits${whose}`];
}

function secretMistakes(event: Event & { kind: 'secret' }, state: State): string[] {
  const secret = state.secrets.find(({ id }) => id === event.id);
  if (secret === undefined) {
    return [
      `${event.name}: the state has no secret ${event.id}; its secrets are ${listed(state.secrets.map(({ id }) => id))}`,
    ];
  }
  if (event.name === 'secret-changed' && secret.tracked === undefined) {
    return [`${event.name}: this unit has not read secret ${event.id}; give it the tracked revision`];
  }
  return [];
}

function actionMistakes({ name, params }: Event & { kind: 'action' }, meta: CharmMeta): string[] {
  const actions = meta.actions ?? {};
  const action = actions[name];
  if (action === undefined) {
    return [`action ${name}: actions.yaml has no such action; it has ${listed(Object.keys(actions))}`];
  }
  const declared = action?.params ?? {};
  const missing = (action?.required ?? []).filter((required) => !(required in params));
  return [
    ...missing.map((required) => `action ${name}: parameter ${required} is required`),
    ...Object.entries(params).flatMap(([key, value]) => {
      const type = declared[key]?.type;
      if (key in declared) {
        return type === undefined || hasType(value, type)
          ? []
          : [`action ${name}: parameter ${key} should be of type ${type}`];
      }
      if (action?.additionalProperties === true) return [];
      return [`action ${name}: actions.yaml has no parameter ${key}; it has ${listed(Object.keys(declared))}`];
    }),
  ];
}

/** The types of JSON schema, by which Juju checks the parameters of an action before it runs. */
function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    default:
      return typeof value === type;
  }
}
