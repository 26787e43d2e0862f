/**
 * Which remembered answers an event makes doubtful, before the hook and after it.
 * Source: https://documentation.ubuntu.com/juju/3.6/reference/hook/ and what Juju was seen to do.
 */
import type { Memory, Question } from './memory.ts';
import type { HookEvent, RelationId } from './types.ts';

/** After these the unit may be on another machine, at another revision, or given a status by Juju itself. */
const FORGET_ALL = new Set(['install', 'start', 'upgrade-charm', 'stop', 'remove', 'post-series-upgrade']);

/** Chooses one of `count` by its index. */
export type Pick = (count: number) => number;

/** Chooses as evenly as the digits of a hook's id are random (FNV-1a). */
export function pickBy(contextId: string): Pick {
  let hash = 0x811c9dc5;
  for (const character of contextId) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return (count) => (count === 0 ? 0 : hash % count);
}

/** Forgets what the event says may have changed; update-status forgets one answer, so that nothing is old for ever. */
export function forgetBefore(memory: Memory, event: HookEvent, pick: Pick): void {
  memory.doubtWritten(event);
  memory.forgetWhere((question) => isDoubtful(question, event));
  if (event.relation !== undefined) {
    forgetIfNew(memory, event.relation);
    memory.keep(created(event.relation.id), true);
  }
  if (event.name === 'update-status') {
    const questions = memory
      .questions()
      .filter((question) => !question.startsWith('relation-created '))
      .sort();
    memory.forget(...questions.slice(pick(questions.length)).slice(0, 1));
  }
}

/**
 * Takes note of the relations that an endpoint has, and says whether that may be remembered. Juju lists a relation before
 * it has told of it, and takes one that it has not told of away without a word. When it has nothing else to tell it
 * runs update-status: then all that is listed has been told.
 */
export function noteRelations(memory: Memory, event: HookEvent, endpoint: string, ids: readonly RelationId[]): boolean {
  if (event.name === 'update-status') for (const id of ids) memory.keep(created(id), true);
  memory.forgetWhere((question) => {
    const about = question.split(' ').find((word) => word.startsWith(`${endpoint}:`));
    return about !== undefined && !ids.includes(about);
  });
  return ids.every((id) => memory.get(created(id)) === true);
}

function created(id: RelationId): Question {
  return `relation-created ${id}`;
}

/** Forgets what is true only within the hook. */
export function forgetAfter(memory: Memory, event: HookEvent): void {
  // The peer relation is there from the next hook on.
  if (event.name === 'install') memory.forgetWhere((question) => question.startsWith('relation-ids '));
  const relation = event.relation;
  if (relation?.step === 'departed' && relation.remoteUnit !== undefined)
    memory.forget(`relation-get ${relation.id} ${relation.remoteUnit}`);
  if (relation?.step === 'broken') memory.forgetWhere((question) => isOfRelation(question, relation));
}

function isDoubtful(question: Question, event: HookEvent): boolean {
  if (event.kind === 'action') return false;
  if (FORGET_ALL.has(event.name)) return true;
  const [tool = ''] = question.split(' ', 1);
  // An address of the unit that changes comes as config-changed; so may a new resource.
  if (event.name === 'config-changed') return tool === 'network-get' || tool === 'resource-get';
  if (event.name.startsWith('leader-')) return tool === 'is-leader' || isApplicationBag(question);
  if (event.secret !== undefined) return tool === 'secret-get' && isOfSecret(question, event.secret.id);
  return event.relation !== undefined && isDoubtfulIn(question, event.relation);
}

function isDoubtfulIn(question: Question, relation: NonNullable<HookEvent['relation']>): boolean {
  const { id, step, remoteUnit, remoteApp } = relation;
  if (step === 'created' || step === 'broken') return isOfRelation(question, relation);
  if (question === `relation-get ${id} ${remoteUnit ?? remoteApp}`) return true;
  if (step === 'changed') return false;
  return question === `relation-list ${id}` || question === `network-get ${relation.endpoint} ${id}`;
}

/** A relation or a unit that nothing told of before: the event that did was lost, or came to another process. */
function forgetIfNew(memory: Memory, relation: NonNullable<HookEvent['relation']>): void {
  const ids = memory.get(`relation-ids ${relation.endpoint}`);
  if (!(Array.isArray(ids) && ids.includes(relation.id))) memory.forget(`relation-ids ${relation.endpoint}`);
  const units = memory.get(`relation-list ${relation.id}`);
  const unit = relation.remoteUnit;
  if (unit !== undefined && !(Array.isArray(units) && units.includes(unit)))
    memory.forget(`relation-list ${relation.id}`);
}

function isOfRelation(question: Question, relation: { readonly endpoint: string; readonly id: string }): boolean {
  return question === `relation-ids ${relation.endpoint}` || question.split(' ').includes(relation.id);
}

function isApplicationBag(question: Question): boolean {
  return question.startsWith('relation-get ') && !question.includes('/');
}

/** The same secret is `secret:ID`, `secret://MODEL/ID` and `ID`. */
function isOfSecret(question: Question, id: string): boolean {
  return question.split(' ').some((part) => secretId(part) === secretId(id));
}

function secretId(uri: string): string {
  return uri.replace(/^secret:/, '').replace(/^.*\//, '');
}
