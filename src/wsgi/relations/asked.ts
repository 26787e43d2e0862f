/**
 * What is asked of a relation, now that some of it may have been asked before: a database charm goes into error when it
 * is asked for another database or other roles on the same relation, and stays there.
 */
import type { Databag } from '../../juju/types.ts';
import type { Relation, Request } from '../../relations/types.ts';
import { Problem } from '../status.ts';
import type { Facts, GivingRow } from './row.ts';

/** Our own databags of a relation. Only the leader may read, and write, the application's. */
export interface OwnBags {
  readonly unit: Databag;
  readonly app: Databag | undefined;
}

export interface Asked {
  readonly request: Request;
  /** Options whose new value is not asked for on this relation. */
  readonly held: readonly Problem[];
}

/** What the row wants, but for what was asked for already. */
export function askedOf(row: GivingRow, relation: Relation, facts: Facts, own: OwnBags): Asked {
  if (row.ask === 'nothing') return { request: { unit: {}, app: {} }, held: [] };
  const wanted = row.ask(facts);
  if (row.fixed === 'nothing') return { request: wanted, held: [] };
  const { options, askedByOthers } = row.fixed;
  const keys = Object.keys(options);
  const others = askedByOthers === 'nothing' ? {} : askedByOthers(relation, facts);
  const firstAsked = (bags: readonly (Databag | undefined)[]) =>
    bags.find((bag) => bag !== undefined && keys.some((key) => Object.hasOwn(bag, key)));
  const keep = (bag: Databag, before: Databag | undefined): Databag =>
    before === undefined
      ? bag
      : Object.fromEntries(
          Object.entries(bag).map(([key, text]) => [key, keys.includes(key) ? (before[key] ?? '') : text]),
        );
  const request = {
    unit: keep(wanted.unit, firstAsked([own.unit, own.app, others])),
    app: keep(wanted.app, firstAsked([own.app, own.unit, others])),
  };
  const differs = (key: string) =>
    request.unit[key] !== wanted.unit[key] || (own.app !== undefined && request.app[key] !== wanted.app[key]);
  const held = keys
    .filter(differs)
    .map((key) => heldBack(options[key] ?? key, (wanted.unit[key] ?? wanted.app[key]) || 'no value'));
  return { request, held };
}

function heldBack(option: string, value: string): Problem {
  return new Problem('blocked', `${option}: ${value} holds for new relations; remove the relation and relate again`);
}
