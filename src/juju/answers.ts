/** Questions to Juju, each asked at most once a hook, and only when its answer is wanted. */
import * as v from 'valibot';
import type { RecordJson } from '../system/private-record.ts';
import type { Memory } from './memory.ts';

/** The answers of one hook tool, by what it is asked about; those that outlive the hook are in the memory. */
export class Answers<T extends RecordJson> {
  readonly #memory: Memory;
  readonly #tool: string;
  readonly #schema: v.GenericSchema<unknown, T>;
  readonly #seen = new Map<string, T>();

  constructor(memory: Memory, tool: string, schema: v.GenericSchema<unknown, T>) {
    this.#memory = memory;
    this.#tool = tool;
    this.#schema = schema;
  }

  /** The name under which the memory has it: `relation-list website:3`. */
  question(about: string): string {
    return about === '' ? this.#tool : `${this.#tool} ${about}`;
  }

  /** What is known without asking. */
  known(about: string): T | undefined {
    const seen = this.#seen.get(about);
    if (seen !== undefined) return seen;
    const kept = v.safeParse(this.#schema, this.#memory.get(this.question(about)));
    if (!kept.success) return undefined;
    this.#seen.set(about, kept.output);
    return kept.output;
  }

  /** What is known, else what `ask` finds out, which is remembered unless `keep` says no. */
  get(about: string, ask: () => T, keep: (answer: T) => boolean = () => true): T {
    const known = this.known(about);
    if (known !== undefined) return known;
    const answer = ask();
    this.#seen.set(about, answer);
    if (keep(answer)) this.#memory.keep(this.question(about), answer);
    return answer;
  }

  /** What this hook made true. */
  learn(about: string, answer: T): void {
    this.#seen.set(about, answer);
    this.#memory.keep(this.question(about), answer);
  }

  forget(about: string): void {
    this.#seen.delete(about);
    this.#memory.forget(this.question(about));
  }

  forgetWhere(isForgotten: (about: string) => boolean): void {
    const prefix = `${this.#tool} `;
    const kept = this.#memory.questions().filter((question) => question.startsWith(prefix));
    const known = [...this.#seen.keys(), ...kept.map((question) => question.slice(prefix.length))];
    for (const about of known) if (isForgotten(about)) this.forget(about);
  }
}

/** Calls `ask` at the first need and never again. */
export function once<T>(ask: () => T): () => T {
  let answer: { readonly value: T } | undefined;
  return () => {
    answer ??= { value: ask() };
    return answer.value;
  };
}
