/**
 * What a hook costs by the number of handlers and flags, beside charms.reactive: `node bench/engine.ts`.
 *
 * Three hooks: `quiet`, in which no handler matches; `busy`, in which each runs once and sets a flag; `clearing`, in which
 * each runs once and clears a flag, so that all that wait are to be tested again.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { candidate } from '../src/reactive/candidates.ts';
import { dispatch } from '../src/reactive/dispatch.ts';
import { fixedContext } from '../src/reactive/hook-context.fixture.ts';
import { FileStore, type Handler, type HandlerApi, handler, openState, when, whenNot } from '../src/reactive/index.ts';
import { pythonWithCharmsReactive } from '../test/reactive-parity/charms-reactive.ts';
import { median, table, targets } from './support/report.ts';

export const scenarios = ['quiet', 'busy', 'clearing'] as const;
export type Scenario = (typeof scenarios)[number];

const sizes = [100, 1_000, 10_000] as const;

/** charms.reactive takes minutes beyond these: it reads all flags for each test of a handler. */
const mostForOriginal: Record<Scenario, number> = { quiet: 1_000, busy: 1_000, clearing: 100 };

/** Milliseconds after which charms.reactive is not asked for another run of the same. */
const patience = 10_000;

/** One measurement, in milliseconds: medians of interleaved runs. */
export interface EngineTime {
  readonly scenario: Scenario;
  readonly handlers: number;
  readonly ours: number;
  /** Undefined where charms.reactive takes too long to be asked. */
  readonly original: number | undefined;
}

/** Measures every scenario at every size. */
export async function measureEngine(runs = 5): Promise<EngineTime[]> {
  const python = spawn(await pythonWithCharmsReactive(), [join(import.meta.dirname, 'engine_charms_reactive.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  const original = async (scenario: Scenario, size: number) => {
    python.stdin.write(`${scenario} ${size}\n`);
    return Number((await lines.next()).value);
  };
  const times: EngineTime[] = [];
  for (const scenario of scenarios) {
    for (const handlers of sizes) {
      await ours(scenario, handlers);
      const own: number[] = [];
      const theirs: number[] = [];
      for (let run = 0; run < runs; run++) {
        own.push(await ours(scenario, handlers));
        const spent = theirs.reduce((sum, time) => sum + time, 0);
        if (handlers <= mostForOriginal[scenario] && spent < patience) theirs.push(await original(scenario, handlers));
      }
      times.push({
        scenario,
        handlers,
        ours: median(own),
        original: theirs.length > 0 ? median(theirs) : undefined,
      });
    }
  }
  python.stdin.end();
  return times;
}

/** How the time grows from 1,000 handlers to the most: 1 is linear, 2 is quadratic. */
export function growth(times: readonly EngineTime[], scenario: Scenario): number {
  const own = times.filter((time) => time.scenario === scenario && time.handlers >= 1_000);
  const [first, last] = [own.at(0), own.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  return Math.log(last.ours / first.ours) / Math.log(last.handlers / first.handlers);
}

async function ours(scenario: Scenario, size: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-'));
  try {
    const path = join(directory, 'state.json');
    const filled = new FileStore(path);
    for (let number = 0; number < size; number++) filled.flags.set(`f${number}`, null);
    filled.commit();
    const handlers = Array.from({ length: size }, (_, number) => handlerOf(scenario, number));
    const began = performance.now();
    const store = new FileStore(path);
    const state = openState(store);
    const juju = fixedContext({});
    const api = { ...state, juju, event: juju.event };
    const candidates = handlers.map((each) => candidate(each, api));
    await dispatch(candidates, state.flags);
    store.commit();
    return performance.now() - began;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function handlerOf(scenario: Scenario, number: number): Handler<HandlerApi> {
  const [flag, done, name] = [`f${number}`, `done${number}`, `h${number}`];
  if (scenario === 'quiet') return handler(name, [whenNot(flag)], () => {});
  if (scenario === 'busy') return handler(name, [when(flag), whenNot(done)], ({ flags }) => void flags.set(done));
  return handler(name, [when(flag)], ({ flags }) => void flags.clear(flag));
}

export async function report(): Promise<string> {
  const times = await measureEngine();
  const rows = times.map(({ scenario, handlers, ours: own, original }) => {
    const theirs = original === undefined ? ['-', '-'] : [original.toFixed(1), `${(original / own).toFixed(0)} times`];
    return [scenario, handlers, own.toFixed(2), ...theirs];
  });
  return [
    '## The engine alone',
    table(['hook', 'handlers', 'ours ms', 'charms.reactive ms', 'ratio'], rows),
    targets(
      scenarios.map((scenario) => ({
        what: `${scenario}: power of the number of handlers by which time grows`,
        measured: growth(times, scenario),
        most: 1.25,
      })),
    ),
    [
      'In `quiet` no handler matches; in `busy` each runs once and sets a flag; in `clearing` each runs once and clears one, so',
      'that all that wait are tested again. A power of 1 is linear. charms.reactive is not asked where it takes minutes.',
    ].join('\n'),
  ].join('\n\n');
}

if (import.meta.main) console.log(await report());
