/** The status and the workload version in one hook: the last word counts, and is said only if it is new. */
import * as v from 'valibot';
import { Answers } from './answers.ts';
import type { Memory } from './memory.ts';
import type { ToolRunner } from './run.ts';
import { applicationVersionSet, boundedStatus, boundedVersion, statusGet, statusSet } from './status.ts';
import type { Status } from './types.ts';

const SETTABLE = ['maintenance', 'blocked', 'waiting', 'active'] as const;
/** Null stands for what only Juju sets: unknown, error, terminated. */
const status = v.nullable(v.object({ status: v.picklist(SETTABLE), message: v.string() }));

export class UnitStatus {
  readonly #run: ToolRunner;
  readonly #shown: Answers<v.InferOutput<typeof status>>;
  readonly #version: Answers<string>;
  #wanted: Status | undefined;
  #wantedVersion: string | undefined;
  #unsure = false;

  constructor(run: ToolRunner, memory: Memory) {
    this.#run = run;
    this.#shown = new Answers(memory, 'status-get', status);
    this.#version = new Answers(memory, 'application-version-set', v.string());
  }

  want(wanted: Status): void {
    this.#wanted = boundedStatus(wanted);
  }

  show(now: Status): void {
    this.#wanted = undefined;
    this.#say(boundedStatus(now));
  }

  wantVersion(version: string): void {
    this.#wantedVersion = boundedVersion(version);
  }

  current(): Status | undefined {
    return this.#wanted ?? this.#read() ?? undefined;
  }

  commit(): void {
    if (this.#wantedVersion !== undefined && this.#wantedVersion !== this.#version.known('')) {
      applicationVersionSet(this.#run, this.#wantedVersion);
      this.#version.learn('', this.#wantedVersion);
    }
    if (this.#wanted !== undefined) this.#say(this.#wanted);
    this.#wantedVersion = undefined;
    this.#wanted = undefined;
  }

  /** Another program of the same hook may have set it, which status-get does not say before the next. */
  forget(): void {
    this.#unsure = true;
    this.#shown.forget('');
    this.#version.forget('');
  }

  #say(wanted: Status): void {
    const shown = this.#unsure ? undefined : this.#read();
    if (shown?.status === wanted.status && shown.message === wanted.message) return;
    statusSet(this.#run, wanted);
    this.#shown.learn('', { ...wanted });
    this.#unsure = false;
  }

  #read(): v.InferOutput<typeof status> {
    return this.#shown.get('', () => {
      const known = v.safeParse(status, statusGet(this.#run));
      return known.success ? known.output : null;
    });
  }
}
