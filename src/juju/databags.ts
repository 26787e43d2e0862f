/** The databags of all relations in one hook: read when asked for, written at the end where they differ. */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { Answers } from './answers.ts';
import type { Memory, Question } from './memory.ts';
import { relationGet, relationSet } from './relation.ts';
import { HookToolError, type ToolRunner } from './run.ts';
import type { Databag, RelationId } from './types.ts';

const GONE = /not found|no network config|permission denied|cannot write relation settings/i;
const databag = record(v.string());

export class Databags {
  readonly #run: ToolRunner;
  readonly #unit: string;
  readonly #application: string;
  readonly #read: Answers<Record<string, string>>;
  /** What is to be written, by relation and own entity; `''` deletes. */
  readonly #pending = new Map<string, { id: RelationId; entity: string; data: Databag }>();

  constructor(run: ToolRunner, memory: Memory, unit: { readonly unit: string; readonly application: string }) {
    this.#run = run;
    this.#unit = unit.unit;
    this.#application = unit.application;
    this.#read = new Answers(memory, 'relation-get', databag);
  }

  get(id: RelationId, entity: string): Databag {
    return withChanges(this.#base(id, entity), this.#pending.get(key(id, entity))?.data ?? {});
  }

  /** @param mayWriteApp asked only where the application's bag would change */
  set(id: RelationId, data: Databag, app: boolean, mayWriteApp: () => boolean): 'noted' | 'refused' {
    const entity = app ? this.#application : this.#unit;
    if (app && !this.#differs(id, entity, data)) return 'noted';
    if (app && !mayWriteApp()) return 'refused';
    const before = this.#pending.get(key(id, entity))?.data ?? {};
    this.#pending.set(key(id, entity), { id, entity, data: { ...before, ...data } });
    return 'noted';
  }

  /**
   * Writes what differs and returns the questions whose answers this changed.
   * @param refused told of a write that Juju did not take: the relation went, or the leadership did
   */
  commit(refused: (error: HookToolError) => void): Question[] {
    const written: Question[] = [];
    for (const { id, entity, data } of this.#pending.values()) {
      const base = this.#base(id, entity);
      const changes = differences(base, data);
      if (Object.keys(changes).length === 0) continue;
      try {
        relationSet(this.#run, id, changes, { app: entity === this.#application });
        this.#read.learn(key(id, entity), { ...withChanges(base, changes) });
        written.push(this.#read.question(key(id, entity)));
      } catch (error) {
        if (!isGone(error)) throw error;
        this.#read.forget(key(id, entity));
        refused(error);
      }
    }
    this.#pending.clear();
    return written;
  }

  forgetOwn(): void {
    this.#read.forgetWhere((about) => [this.#unit, this.#application].includes(about.split(' ')[1] ?? ''));
  }

  /** Without a look at Juju: a bag that is not known may differ. */
  #differs(id: RelationId, entity: string, data: Databag): boolean {
    const known = this.#read.known(key(id, entity));
    const shown = known === undefined ? undefined : withChanges(known, this.#pending.get(key(id, entity))?.data ?? {});
    return shown === undefined || Object.keys(differences(shown, data)).length > 0;
  }

  #base(id: RelationId, entity: string): Databag {
    // Don't keep an empty databag for the next hook: its unit may appear without an event.
    let isThere = true;
    const ask = () => {
      try {
        return { ...relationGet(this.#run, id, entity) };
      } catch (error) {
        if (!isGone(error)) throw error;
        isThere = false;
        return {};
      }
    };
    return this.#read.get(key(id, entity), ask, () => isThere);
  }
}

/**
 * Whether a tool failed because there is nothing (any more) to read or write, rather than because Juju was not
 * reached: taking the latter for an empty databag would take a database from a running application.
 */
export function isGone(error: unknown): error is HookToolError {
  return error instanceof HookToolError && !error.missing && GONE.test(error.stderr);
}

function key(id: RelationId, entity: string): string {
  return `${id} ${entity}`;
}

function withChanges(base: Databag, changes: Databag): Databag {
  return Object.fromEntries(Object.entries({ ...base, ...changes }).filter(([, value]) => value !== ''));
}

function differences(base: Databag, wanted: Databag): Databag {
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => (base[name] ?? '') !== value));
}
