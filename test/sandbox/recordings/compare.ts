/** What our model did otherwise than the recorded one: one sentence a difference, none where all is the same. */

import { z } from 'zod';
import { normal, ourRules } from './normal.ts';
import type { HookEvent } from './recording.ts';
import { isGhostly, type Played, type Segment } from './replay.ts';
import type { Stage } from './stage.ts';

const ApplicationStatus = z.object({ 'application-status': z.object({ units: z.record(z.string(), z.unknown()) }) });

export interface Allowance {
  /** Commands whose answer is not compared, by line, with the reason. */
  readonly ops?: Readonly<Record<number, string>>;
  /** Answers that are not compared, by line and command, with the reason. */
  readonly answers?: Readonly<Record<number, Readonly<Record<string, string>>>>;
  /** Units that others went on seeing after they were gone, or that never were: a quirk. */
  readonly ghosts?: readonly string[];
  /** Events that are left out on both sides, with the reason. */
  readonly leaveOut?: (event: HookEvent) => boolean;
}

/** Events whose number hangs on the clock: update-status has jitter, a failed hook is tried when its time has come. */
function hangsOnTime(event: HookEvent, before: HookEvent | undefined): boolean {
  if (event.ev === 'update-status') return true;
  return before !== undefined && keyOf(before) === keyOf(event) && before.exit !== 0 && event.exit !== 0;
}

/** `use-relation-joined ann/0`; changed of application data has the application. */
function keyOf({ ev, env }: HookEvent): string {
  if (env.JUJU_RELATION === undefined) return ev;
  return `${ev} ${env.JUJU_REMOTE_UNIT === '' ? env.JUJU_REMOTE_APP : env.JUJU_REMOTE_UNIT}`;
}

export class Comparison {
  readonly differences: string[] = [];
  readonly #allow: Allowance;
  readonly #before = { recorded: new Map<string, HookEvent>(), ours: new Map<string, HookEvent>() };
  /** Every answer that our units have had, by command: what a recorded one may have been a little earlier or later. */
  readonly #seen = new Map<string, Set<string>>();
  /** How many events and answers were held against each other. */
  compared = { events: 0, answers: 0, ops: 0 };

  constructor(allow: Allowance = {}) {
    this.#allow = allow;
  }

  segment({ recorded, ours, ops }: Segment, stage: Stage): void {
    for (const event of ours) for (const [command, answer] of answersOf(event)) this.#remember(event, command, answer);
    const kept = { recorded: this.#kept(recorded, 'recorded'), ours: this.#kept(ours, 'ours') };
    for (const unit of new Set([...kept.recorded, ...kept.ours].map((event) => event.unit))) {
      const of = (events: readonly HookEvent[]) => events.filter((event) => event.unit === unit);
      this.#unit(unit, of(kept.recorded), of(kept.ours));
    }
    for (const op of ops) this.#op(op, stage);
  }

  #kept(events: readonly HookEvent[], side: 'recorded' | 'ours'): HookEvent[] {
    const before = this.#before[side];
    return events.filter((event) => {
      const late = hangsOnTime(event, before.get(event.unit));
      before.set(event.unit, event);
      return !late && !isGhostly(event, this.#allow.ghosts) && this.#allow.leaveOut?.(event) !== true;
    });
  }

  #unit(unit: string, recorded: readonly HookEvent[], ours: readonly HookEvent[]): void {
    const at = recorded[0]?.n ?? ours[0]?.n ?? 0;
    const [line, ourLine] = [lifeOf(recorded), lifeOf(ours)];
    if (line.join() !== ourLine.join()) {
      this.differences.push(`${at} ${unit}: recorded ${line.join(', ')}; ours ${ourLine.join(', ')}`);
    }
    const [flows, ourFlows] = [flowsOf(recorded), flowsOf(ours)];
    for (const remote of new Set([...flows.keys(), ...ourFlows.keys()])) {
      const [flow, ourFlow] = [flows.get(remote) ?? '', ourFlows.get(remote) ?? ''];
      if (flow !== ourFlow) this.differences.push(`${at} ${unit} with ${remote}: recorded ${flow}; ours ${ourFlow}`);
    }
    this.#pairs(recorded, ours);
  }

  /** The last of a kind against the last of that kind, and so on backwards. */
  #pairs(recorded: readonly HookEvent[], ours: readonly HookEvent[]): void {
    const left = [...ours];
    for (const event of recorded.toReversed()) {
      const found = left.findLastIndex((one) => keyOf(one) === keyOf(event));
      const [match] = found < 0 ? [] : left.splice(found, 1);
      if (match !== undefined) this.#event(event, match);
    }
  }

  #event(recorded: HookEvent, ours: HookEvent): void {
    this.compared.events += 1;
    const say = (what: string, a: unknown, b: unknown) => {
      const [only, onlyOurs] = [lacking(a, b), lacking(b, a)];
      this.differences.push(
        `${recorded.n} ${recorded.unit} ${keyOf(recorded)} ${what}: recorded ${only}; ours ${onlyOurs}`,
      );
    };
    for (const part of ['env', 'argv', 'proc', 'exit'] as const) {
      if (!same(recorded[part], ours[part])) say(part, recorded[part], ours[part]);
    }
    const answers = new Map(answersOf(ours));
    for (const [command, answer] of answersOf(recorded)) {
      if ((this.#allow.ghosts ?? []).some((ghost) => command.endsWith(` ${ghost}`))) continue;
      if (this.#allow.answers?.[recorded.n]?.[command] !== undefined) continue;
      this.compared.answers += 1;
      const own = answers.get(command);
      if (same(this.#withoutGhosts(answer), own) || this.#sameUnits(answer, own)) continue;
      // A relation is in motion: what was read may be what it was a hook earlier or later.
      if (inMotion(command) && this.#wasSeen(recorded.unit, command, this.#withoutGhosts(answer))) continue;
      say(`"${command}"`, answer, own);
    }
  }

  #withoutGhosts(answer: unknown): unknown {
    const ghosts = this.#allow.ghosts ?? [];
    if (typeof answer === 'string' && ghosts.length > 0) {
      return answer
        .split('\n')
        .filter((line) => !ghosts.includes(line))
        .join('\n');
    }
    if (Array.isArray(answer)) return answer.filter((item) => !ghosts.includes(String(item)));
    if (typeof answer !== 'object' || answer === null) return answer;
    const fields = Object.entries(answer).filter(([key]) => !ghosts.includes(key));
    return Object.fromEntries(
      fields.map(([key, value]) => [key, typeof value === 'object' ? this.#withoutGhosts(value) : value]),
    );
  }

  /** The status of an application that has a ghost among its units is the ghost's. */
  #sameUnits(recorded: unknown, ours: unknown): boolean {
    const [theirs, own] = [ApplicationStatus.safeParse(recorded).data, ApplicationStatus.safeParse(ours).data];
    const units = theirs?.['application-status'].units ?? {};
    if (!(this.#allow.ghosts ?? []).some((ghost) => Object.hasOwn(units, ghost))) return false;
    return same(this.#withoutGhosts(units), this.#withoutGhosts(own?.['application-status'].units ?? {}));
  }

  #remember(event: HookEvent, command: string, answer: unknown): void {
    const seen = this.#seen.get(scopeOf(event.unit, command)) ?? new Set();
    for (const path of pathsOf(answer)) seen.add(path);
    this.#seen.set(scopeOf(event.unit, command), seen);
  }

  /** Every part of the answer was an answer of ours at some time. */
  #wasSeen(unit: string, command: string, answer: unknown): boolean {
    const seen = this.#seen.get(scopeOf(unit, command));
    return seen !== undefined && pathsOf(answer).every((path) => seen.has(path));
  }

  #op({ line, ran }: Played, stage: Stage): void {
    if (ran === undefined || this.#allow.ops?.[line.n] !== undefined) return;
    this.compared.ops += 1;
    const say = (what: string, a: unknown, b: unknown) => {
      this.differences.push(
        `${line.n} ${line.op.slice(0, 80)} ${what}: recorded ${JSON.stringify(a)}; ours ${JSON.stringify(b)}`,
      );
    };
    if (line.rc !== ran.code) say('exit code', line.rc, ran.code);
    const rules = ourRules(stage);
    const [err, ourErr] = [normal(line.err ?? '', []), normal(ran.err, rules)];
    if (err !== ourErr) say('stderr', err, ourErr);
    if (line.out === undefined || line.op.startsWith('juju status')) return;
    const [out, ourOut] = [
      normal(line.out, []),
      normal(typeof line.out === 'string' ? ran.out : parsed(ran.out), rules),
    ];
    if (!contains(ourOut, out)) say('stdout', out, ourOut);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? {} : text;
  }
}

/** Documents of ours may say more, such as when a task was completed. */
function contains(ours: unknown, recorded: unknown): boolean {
  if (typeof recorded !== 'object' || recorded === null || Array.isArray(recorded)) return same(ours, recorded);
  if (typeof ours !== 'object' || ours === null) return false;
  const fields = new Map(Object.entries(ours));
  return Object.entries(recorded).every(([key, value]) => contains(fields.get(key), value));
}

/** Tools and acts alike; what was asked twice by its turn. */
function answersOf(event: HookEvent): (readonly [string, unknown])[] {
  const times = new Map<string, number>();
  const acts = event.acts.map(([command, answer]): readonly [string, unknown] => {
    const time = (times.get(command) ?? 0) + 1;
    times.set(command, time);
    return [time === 1 ? `$ ${command}` : `$ ${command} (${time})`, answer];
  });
  return [...Object.entries(event.tools), ...acts];
}

/** A databag is one and the same for all; who is in a relation each unit learns in its own time. */
function scopeOf(unit: string, command: string): string {
  return /^relation-get -r \S+ .*\S+$/.test(command) ? command : `${unit} ${command}`;
}

/** Reads what other units do at the same time. */
function inMotion(command: string): boolean {
  return /relation-|goal-state|status-get --application/.test(command);
}

/** `{"a": {"b": 1}}` is `a.b=1`; lists and texts fall into their parts. */
function pathsOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => pathsOf(item, `${path}[]`));
  if (typeof value === 'string') return value.split('\n').map((line) => `${path}=${line}`);
  if (typeof value !== 'object' || value === null) return [`${path}=${JSON.stringify(value)}`];
  return Object.entries(value).flatMap(([key, item]) => pathsOf(item, `${path}.${key}`));
}

/** The parts of one value that the other has not, in short. */
function lacking(a: unknown, b: unknown): string {
  const others = new Set(pathsOf(b));
  const own = pathsOf(a).filter((path) => !others.has(path));
  return (own.length === 0 ? '-' : own.join(' ')).slice(0, 400);
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, item]) => [key, sorted(item)]),
  );
}

/** Everything but joined and changed, in order; runs of relation-created sorted, repetitions of one event one. */
function lifeOf(events: readonly HookEvent[]): string[] {
  const line: string[] = [];
  let created: string[] = [];
  const flush = () => {
    line.push(...created.toSorted());
    created = [];
  };
  for (const event of events) {
    if (/-relation-(joined|changed)$/.test(event.ev)) continue;
    const key = keyOf(event);
    if (event.ev.endsWith('-relation-created')) created.push(key);
    else {
      flush();
      if (line.at(-1) !== key) line.push(key);
    }
  }
  flush();
  return line;
}

/** By relation and remote: joined and changed in order, changes that came apart or together one. */
function flowsOf(events: readonly HookEvent[]): Map<string, string> {
  const flows = new Map<string, string>();
  for (const event of events) {
    const step = /-relation-(joined|changed)$/.exec(event.ev)?.[1];
    if (step === undefined) continue;
    const remote = `${event.env.JUJU_RELATION_ID} ${event.env.JUJU_REMOTE_UNIT === '' ? event.env.JUJU_REMOTE_APP : event.env.JUJU_REMOTE_UNIT}`;
    const flow = flows.get(remote) ?? '';
    if (!flow.endsWith(step)) flows.set(remote, flow === '' ? step : `${flow} ${step}`);
  }
  return flows;
}
