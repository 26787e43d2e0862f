/** relation-set: pending until the hook ends well; the same hook reads its own writes. */

import { needRelation, relationFlag } from './relations.ts';
import { keyValues, withFile } from './settings.ts';
import { boolFlag, type Invocation, parseQuiet, stringFlag, ToolError } from './tool.ts';
import type { Changes } from './world.ts';

export function relationSet(run: Invocation): void {
  const asked = relationFlag(run);
  const app = boolFlag();
  const file = stringFlag();
  const rest = parseQuiet(run, { ...asked.flags, app: app.flag, file: file.flag });
  const relation = needRelation(asked.relation);
  const settings = withFile(run, file.value, keyValues(rest));
  if (app.on && !run.world.leader) throw new ToolError(1, 'cannot write relation settings');
  const { pending } = run.context;
  const bags = app.on ? pending.applicationBags : pending.unitBags;
  const changes: Changes = bags.get(relation.id) ?? new Map();
  for (const [key, value] of settings) changes.set(key, value);
  bags.set(relation.id, changes);
}
