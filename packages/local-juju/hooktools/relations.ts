/** relation-ids, relation-list, relation-get, relation-model-get: reading relations. */

import type { RelationId } from '../types.ts';
import type { Flag } from './gnuflag.ts';
import { byteOrder } from './go-json.ts';
import { GoStruct } from './go-value.ts';
import { boolFlag, checkEmpty, type Invocation, parseWithFormat, print, ToolError } from './tool.ts';
import { type RelationView, type World, withChanges } from './world.ts';

/** `-r ID` and `--relation ID`, with the hook's own relation where none is given. */
export function relationFlag(run: Invocation): {
  readonly flags: Record<string, Flag>;
  relation: RelationView | undefined;
} {
  const current = run.context.relation;
  const holder: { flags: Record<string, Flag>; relation: RelationView | undefined } = {
    flags: {},
    relation: current === undefined ? undefined : findRelation(run.world, current.id),
  };
  const flag: Flag = {
    takes: 'value',
    set: (value) => {
      holder.relation = parseRelationId(run.world, value);
    },
  };
  holder.flags = { r: flag, relation: flag };
  return holder;
}

/** As Juju: only the number counts, `3` is as good as `website:3`. */
function parseRelationId(world: World, value: string): RelationView {
  const number = value.slice(value.lastIndexOf(':') + 1);
  if (!/^[-+]?\d+$/.test(number)) throw new Error('invalid relation id');
  const found = world.relations.find(({ id }) => id.slice(id.lastIndexOf(':') + 1) === String(Number(number)));
  if (found === undefined) throw new Error('relation not found');
  return found;
}

function findRelation(world: World, id: RelationId): RelationView | undefined {
  return world.relations.find((relation) => relation.id === id);
}

/** @throws ToolError 2 outside a relation hook where no id is given */
export function needRelation(relation: RelationView | undefined): RelationView {
  if (relation === undefined) throw new ToolError(2, 'no relation id specified');
  return relation;
}

export function relationIds(run: Invocation): void {
  const { rest, format } = parseWithFormat(run, {});
  const [name = currentEndpoint(run), ...more] = rest;
  if (name === undefined) throw new ToolError(2, 'no endpoint name specified');
  checkEmpty(more);
  const ids = run.world.relations.filter(({ endpoint }) => endpoint === name).map(({ id }) => id);
  print(run, format, ids.sort(byteOrder));
}

function currentEndpoint(run: Invocation): string | undefined {
  return run.context.relation?.id.split(':')[0];
}

export function relationList(run: Invocation): void {
  const asked = relationFlag(run);
  const app = boolFlag();
  const { rest, format } = parseWithFormat(run, { ...asked.flags, app: app.flag });
  const relation = needRelation(asked.relation);
  checkEmpty(rest);
  print(run, format, app.on ? relation.remoteApp : [...relation.units].sort(byteOrder));
}

const APPLICATION = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;
const UNIT = /^([a-z][a-z0-9]*(?:-[a-z0-9]*[a-z][a-z0-9]*)*)\/(0|[1-9][0-9]*)$/;

export function relationGet(run: Invocation): void {
  const asked = relationFlag(run);
  const app = boolFlag();
  const { rest, format } = parseWithFormat(run, { ...asked.flags, app: app.flag });
  const relation = needRelation(asked.relation);
  const [key, named, ...more] = rest;
  const whose = named === undefined ? defaultEntity(run, app.on) : namedEntity(named, app.on);
  checkEmpty(more);
  const bag = readBag(run, relation, whose.entity, whose.app);
  if (key === undefined || key === '' || key === '-') print(run, format, bag);
  else print(run, format, Object.hasOwn(bag, key) ? (bag[key] ?? null) : null);
}

interface Entity {
  readonly entity: string;
  readonly app: boolean;
}

function namedEntity(name: string, app: boolean): Entity {
  const unit = UNIT.exec(name);
  if (app) return { entity: unit?.[1] ?? name, app: true };
  if (unit !== null) return { entity: name, app: false };
  const what = APPLICATION.test(name) ? 'expected unit name, got application name' : 'invalid unit name';
  throw new ToolError(2, `${what} ${JSON.stringify(name)}`);
}

/** The remote unit of the hook, or the remote application where the hook has no unit. */
function defaultEntity(run: Invocation, app: boolean): Entity {
  const { relation } = run.context;
  if (relation === undefined) throw new ToolError(2, 'no unit or application specified');
  if (!app && relation.remoteUnit !== undefined) return { entity: relation.remoteUnit, app: false };
  return { entity: relation.remoteApp, app: true };
}

function readBag(
  run: Invocation,
  relation: RelationView,
  entity: string,
  app: boolean,
): Readonly<Record<string, string>> {
  const { world, context } = run;
  const bag = relation.bag(entity);
  if (!app) {
    if (bag === undefined) throw new ToolError(1, 'relation unit not found');
    return entity === world.unit ? withChanges(bag, context.pending.unitBags.get(relation.id)) : bag;
  }
  if (entity !== world.application) return bag ?? {};
  if (world.leader) return withChanges(bag ?? {}, context.pending.applicationBags.get(relation.id));
  if (!relation.peer && Number.parseInt(world.jujuVersion, 10) < 4) throw new ToolError(1, 'permission denied');
  return bag ?? {};
}

export function relationModelGet(run: Invocation): void {
  const asked = relationFlag(run);
  const { rest, format } = parseWithFormat(run, asked.flags, ['yaml', 'json']);
  needRelation(asked.relation);
  checkEmpty(rest);
  print(run, format, new GoStruct([['uuid', run.world.modelUuid]]));
}
