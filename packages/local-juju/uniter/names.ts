/** Names of a hook: as its file, and as the events of a relation are called. */

import { endOf } from '../model/relations.ts';
import type { Hook, ModelState } from '../model/state.ts';

/** `config-changed`, `website-relation-joined`, `secret-rotate` */
export function hookName(state: ModelState, application: string, hook: Hook): string {
  if (hook.kind !== 'relation') return hook.name;
  const relation = state.relations[String(hook.relation)];
  const endpoint = relation === undefined ? undefined : endOf(relation, application)?.endpoint;
  return `${endpoint ?? 'unknown'}-relation-${hook.step}`;
}

/** `website:3` */
export function relationId(state: ModelState, application: string, id: number): string {
  const relation = state.relations[String(id)];
  const endpoint = relation === undefined ? undefined : endOf(relation, application)?.endpoint;
  return `${endpoint ?? 'unknown'}:${id}`;
}
