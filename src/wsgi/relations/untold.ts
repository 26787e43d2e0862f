/** Relations that a new unit has, and that Juju has not told it of. */
import { relatedEndpoints } from '../../juju/goal.ts';
import type { HookContext } from '../../juju/types.ts';
import { Problem } from '../status.ts';
import type { Related } from './databags.ts';
import type { Row } from './row.ts';
import { RELATIONS } from './table.ts';

/**
 * Why a new application is not started yet: a relation that gives it something is on its way. Juju runs install, then
 * relation-created for each relation, then leader-elected or leader-settings-changed, then config-changed: from there on
 * all are known.
 */
export function untold(
  juju: HookContext,
  relations: Readonly<Record<string, readonly Related[]>>,
  rows: Readonly<Record<string, Row>> = RELATIONS,
): Problem | undefined {
  if (!isEarly(juju.event)) return undefined;
  const related = relatedEndpoints(juju);
  if (related === undefined) return new Problem('waiting', 'the relations of this unit are not known yet');
  const missing = Object.entries(rows).find(
    ([endpoint, row]) =>
      row.kind === 'giving' && related.includes(endpoint) && (relations[endpoint] ?? []).length === 0,
  );
  return missing && new Problem('waiting', `${missing[0]}: Juju has not told this unit of the relation yet`);
}

function isEarly({ kind, name, relation }: HookContext['event']): boolean {
  if (kind === 'action') return false;
  return relation?.step === 'created' || ['install', 'leader-elected', 'leader-settings-changed'].includes(name);
}
