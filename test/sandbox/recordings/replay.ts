/** Plays a recording: the operator's commands in order, hooks in the recorded order of units, time as it went. */

import { normalEvent, ourRules } from './normal.ts';
import type { HookEvent, Line } from './recording.ts';
import type { Ran, Stage } from './stage.ts';

/** Commands between which no hook was seen to run, and what ran after them. */
export interface Segment {
  readonly ops: readonly Played[];
  readonly recorded: readonly HookEvent[];
  readonly ours: readonly HookEvent[];
}

export interface Played {
  readonly line: Extract<Line, { kind: 'op' }>;
  /** `undefined` for what is not a verb of ours. */
  readonly ran: Ran | undefined;
}

type Batch = { readonly before: readonly Line[]; readonly hooks: readonly HookEvent[]; readonly until: number };

/** Hooks that had not come to their end when the next command came are one with those after it. */
const STILL_RUNNING = 1;

function batches(lines: readonly Line[]): Batch[] {
  const found: { before: Line[]; hooks: HookEvent[]; until: number }[] = [];
  let current: { before: Line[]; hooks: HookEvent[]; until: number } = { before: [], hooks: [], until: 0 };
  for (const [i, line] of lines.entries()) {
    if (line.kind === 'hook') current.hooks.push(line.event);
    else {
      if (current.hooks.length > 0 && !goesOn(current.hooks, lines.slice(i))) {
        current.until = line.t;
        found.push(current);
        current = { before: [], hooks: [], until: 0 };
      }
      current.before.push(line);
    }
  }
  current.until = lines.at(-1)?.t ?? 0;
  return [...found, current];
}

function goesOn(hooks: readonly HookEvent[], rest: readonly Line[]): boolean {
  const next = rest.findIndex(({ kind }) => kind === 'hook');
  const between = next < 0 ? rest : rest.slice(0, next);
  const soon = (between[0]?.t ?? 0) - (hooks.at(-1)?.t ?? 0) < STILL_RUNNING;
  return soon && next >= 0 && between.every(({ kind }) => kind === 'op');
}

export interface PlayOptions {
  /** Units that others went on seeing after they were gone: they departed when our units knew nothing of them. */
  readonly ghosts?: readonly string[];
  readonly onSegment?: (segment: Segment) => void;
}

export async function play(stage: Stage, lines: readonly Line[], options: PlayOptions = {}): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const batch of batches(lines)) {
    const awaited = batch.hooks.filter((event) => !isGhostly(event, options.ghosts));
    stage.model.order = (units) => choose(units, awaited, stage.counts());
    const ops: Played[] = [];
    const runs = apart(batch.before);
    for (const [i, run] of runs.entries()) {
      ops.push(...(await stage.model.together(() => perform(stage, run))));
      const until = runs[i + 1]?.at(0)?.t ?? batch.until;
      await stage.model.advance(`${Math.max(0, Math.floor((until - (run.at(-1)?.t ?? until)) * 1000))}ms`);
    }
    const rules = ourRules(stage);
    const ours = stage.events().map((event) => normalEvent(event, rules));
    const recorded = batch.hooks.map((event) => normalEvent(event, []));
    const segment = { ops, recorded, ours };
    options.onSegment?.(segment);
    segments.push(segment);
  }
  return segments;
}

/** Juju tells units of a change within 5 s: what came sooner after another was one to them. */
const APART = 5;

function apart(lines: readonly Line[]): Line[][] {
  const runs: Line[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last === undefined || line.t - (last.at(-1)?.t ?? 0) >= APART) runs.push([line]);
    else last.push(line);
  }
  return runs;
}

async function perform(stage: Stage, lines: readonly Line[]): Promise<Played[]> {
  const played: Played[] = [];
  for (const line of lines) {
    if (line.kind === 'steer') stage.steer(line.steer, line.hook, line.lines);
    else if (line.kind === 'unsteer') stage.steer(line.unsteer);
    else if (line.kind === 'op') {
      const ran = await runOp(stage, line.op);
      const [name, id] = [/^secret:(<SECRET-\d+>)/.exec(String(line.out)), /^secret:(\S+)/.exec(ran?.out ?? '')];
      if (name?.[1] !== undefined && id?.[1] !== undefined) stage.nameSecret(name[1], id[1]);
      played.push({ line, ran });
    }
  }
  return played;
}

/** A unit that is gone departs once more. */
export function isGhostly({ ev, env }: HookEvent, ghosts: readonly string[] = []): boolean {
  return ev.endsWith('-departed') && ghosts.includes(env.JUJU_REMOTE_UNIT ?? '');
}

/** The unit whose next recorded hook came first; one that has run all it should waits for the others. */
function choose(units: readonly string[], recorded: readonly HookEvent[], done: ReadonlyMap<string, number>): string {
  const rank = (unit: string): number => {
    const own = recorded.filter((event) => event.unit === unit);
    const next = own[done.get(unit) ?? 0];
    // A principal that runs no hook brings its subordinates, which are numbered as they come; a unit that has run its
    // last one leaves the model while another's next hook runs.
    if (next === undefined) return firstSubordinate(unit, recorded) ?? leaving(own.at(-1)) ?? Number.MAX_VALUE;
    return leadsFromTheBeginning(next) ? (recorded[0]?.n ?? 0) : next.n;
  };
  return [...units].sort((a, b) => rank(a) - rank(b))[0] ?? '';
}

/** Number of the first subordinate that comes to a unit, less than that of any line. */
function firstSubordinate(unit: string, recorded: readonly HookEvent[]): number | undefined {
  const numbers = recorded
    .filter(({ ev, env }) => ev === 'install' && env.JUJU_PRINCIPAL_UNIT === unit)
    .map((event) => Number(event.unit.split('/')[1]) - MOST_UNITS);
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

const MOST_UNITS = 1000;

function leaving(last: HookEvent | undefined): number | undefined {
  return last?.ev === 'remove' ? last.n + 1.5 : undefined;
}

/** Which of the units that come together leads is a race: it is won by the one that won it. */
function leadsFromTheBeginning({ ev, tools }: HookEvent): boolean {
  return ev === 'install' && tools['is-leader'] === true;
}

async function runOp(stage: Stage, op: string): Promise<Ran | undefined> {
  if (!op.startsWith('juju ')) return undefined;
  const [head = '', ...command] = op.slice('juju '.length).split(' -- ');
  const args = head
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => stage.expand(word, '0'));
  const unit = args[args.indexOf('--unit') + 1] ?? '';
  const machine = stage.model.state().units[unit.replace('/leader', '/0')]?.machine ?? '0';
  return stage.run(command.length === 0 ? args : [...args, '--', stage.expand(command.join(' -- '), machine)]);
}
