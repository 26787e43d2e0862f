/**
 * What Juju answered in earlier hooks and still holds, so that a hook asks again only for what its event names.
 * Juju guarantees an event for every change of remote data, of the relations and of an own address; what it does not
 * guarantee is that a hook comes to its end: after one that did not, nothing here is to be used.
 */
import * as v from 'valibot';
import type { RecordJson } from '../system/private-record.ts';
import { record } from '../system/record-schema.ts';
import type { HookEvent } from './types.ts';

/** A hook tool and what it was asked about: `relation-get website:3 haproxy/0`. */
export type Question = string;

const remembered = v.object({
  version: v.literal(1),
  /** Each answer is checked when it is wanted, which most are not in most hooks. */
  answers: record(v.custom<RecordJson>(() => true)),
  /** Questions whose answers the last hook changed, kept by Juju only if that hook ended well. */
  written: v.optional(v.object({ event: v.string(), questions: v.array(v.string()) })),
});

/** What is kept from hook to hook, as JSON. */
export type RememberedAnswers = Record<string, RecordJson>;

export class Memory {
  readonly #answers: Map<Question, RecordJson>;
  #written: v.InferOutput<typeof remembered>['written'];

  /** Anything that is not such a record, of this version, is as good as nothing. */
  constructor(kept: unknown) {
    const known = v.safeParse(remembered, kept);
    this.#answers = new Map(known.success ? Object.entries(known.output.answers) : []);
    this.#written = known.success ? known.output.written : undefined;
  }

  get(question: Question): RecordJson | undefined {
    return this.#answers.get(question);
  }

  keep(question: Question, answer: RecordJson): void {
    this.#answers.set(question, answer);
  }

  forget(...questions: readonly Question[]): void {
    for (const question of questions) this.#answers.delete(question);
  }

  forgetWhere(isForgotten: (question: Question) => boolean): void {
    this.forget(...this.questions().filter(isForgotten));
  }

  questions(): Question[] {
    return [...this.#answers.keys()];
  }

  /**
   * Notes which answers the writes of this hook changed. Juju keeps the writes when the hook has ended, a moment after
   * anything this process can record; if they are lost then, the same event comes again.
   */
  noteWritten(event: HookEvent, questions: readonly Question[]): void {
    if (event.kind === 'action') this.forget(...questions);
    else if (questions.length > 0) this.#written = { event: identity(event), questions: [...questions] };
  }

  /** Forgets what the hook before wrote if this event may be that hook again. */
  doubtWritten(event: HookEvent): void {
    if (this.#written?.event !== identity(event)) return;
    this.forget(...this.#written.questions);
    this.#written = undefined;
  }

  toJSON(): RememberedAnswers {
    const answers = Object.fromEntries([...this.#answers].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { version: 1, answers, ...(this.#written === undefined ? {} : { written: this.#written }) };
  }
}

function identity(event: HookEvent): string {
  return [event.name, event.relation?.id, event.relation?.remoteUnit].filter((part) => part !== undefined).join(' ');
}
