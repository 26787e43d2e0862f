/** Contents of secrets. A unit follows one revision until it asks to refresh, so what was read once still holds. */
import * as v from 'valibot';
import { record } from '../system/record-schema.ts';
import { Answers } from './answers.ts';
import type { Memory } from './memory.ts';
import { HookToolError, type ToolRunner } from './run.ts';
import { secretAdd, secretGet, secretGrant, secretRemove, secretSet } from './secret.ts';
import type { Databag, RelationId, SecretSettings, UnitName } from './types.ts';

/** The content, or the reason why there is none, as a sentence. */
export interface SecretAnswer {
  readonly content?: Databag;
  readonly whyNot?: string;
}

export class SecretContents {
  readonly #run: ToolRunner;
  readonly #read: Answers<Record<string, string>>;
  readonly #refused = new Map<string, SecretAnswer>();

  constructor(run: ToolRunner, memory: Memory) {
    this.#run = run;
    this.#read = new Answers(memory, 'secret-get', record(v.string()));
  }

  /** @param refresh follow the newest revision; a newer one than that comes with a secret-changed event */
  get(uri: string, refresh: boolean): SecretAnswer {
    const about = refresh ? `${uri} --refresh` : uri;
    const refused = this.#refused.get(about);
    if (refused !== undefined) return refused;
    try {
      const known = this.#read.known(about);
      if (known !== undefined) return { content: known };
      const content = { ...secretGet(this.#run, uri, { refresh }) };
      this.#read.learn(about, content);
      if (refresh) this.#read.learn(uri, content);
      return { content };
    } catch (error) {
      if (!(error instanceof HookToolError)) throw error;
      const whyNot = error.missing ? 'this Juju has no secrets; Juju 3.0 is the first that has' : error.reason;
      this.#refused.set(about, { whyNot });
      return { whyNot };
    }
  }

  /** Makes a secret of this application's or unit's, if the hook succeeds. */
  add(content: Databag, settings: SecretSettings): SecretAnswer & { readonly uri?: string } {
    return this.#try(() => {
      const uri = secretAdd(this.#run, content, settings);
      // Juju tells of it from the next hook on.
      this.#read.learn(uri, { ...content });
      return { uri, content };
    });
  }

  /** Gives an own secret a new revision, if the hook succeeds. */
  set(uri: string, content: Databag, settings: SecretSettings): SecretAnswer {
    return this.#try(() => {
      secretSet(this.#run, uri, content, settings);
      this.#read.learn(uri, { ...content });
      return { content };
    });
  }

  remove(uri: string): SecretAnswer {
    return this.#try(() => {
      secretRemove(this.#run, uri);
      this.#read.forget(uri);
      return {};
    });
  }

  grant(uri: string, id: RelationId, unit?: UnitName): SecretAnswer {
    return this.#try(() => {
      secretGrant(this.#run, uri, id, unit);
      return {};
    });
  }

  #try<Result extends SecretAnswer>(step: () => Result): Result | SecretAnswer {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof HookToolError)) throw error;
      return { whyNot: error.missing ? 'this Juju has no secrets; Juju 3.0 is the first that has' : error.reason };
    }
  }
}
