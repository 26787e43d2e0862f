/** The recordings of a real Juju 4.0.14 as data: lines in order, references to earlier lines resolved. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const RECORDINGS = join(import.meta.dirname, '../../fixtures/recordings');

const Base = z.looseObject({ n: z.optional(z.number()), t: z.optional(z.number()) });
const Answers = z.record(z.string(), z.unknown());

const HookLine = z.looseObject({
  n: z.number(),
  t: z.number(),
  unit: z.string(),
  ev: z.string(),
  env: z.record(z.string(), z.string()),
  base_env: z.union([z.string(), z.record(z.string(), z.string())]),
  argv: z.array(z.string()),
  proc: z.union([z.string(), z.record(z.string(), z.unknown())]),
  tools: z.optional(Answers),
  same: z.optional(z.record(z.string(), z.array(z.string()))),
  acts: z.optional(z.array(z.tuple([z.string(), z.unknown()]))),
  exit: z.optional(z.union([z.number(), z.string()])),
});

const OpLine = z.looseObject({
  n: z.number(),
  t: z.number(),
  op: z.string(),
  rc: z.number(),
  out: z.optional(z.unknown()),
  err: z.optional(z.string()),
});
const SteerLine = z.looseObject({
  n: z.number(),
  t: z.number(),
  steer: z.string(),
  hook: z.string(),
  lines: z.array(z.string()),
});
const UnsteerLine = z.looseObject({ n: z.number(), t: z.number(), unsteer: z.string() });

/** A hook that ran, with everything that it saw. */
export interface HookEvent {
  readonly n: number;
  readonly t: number;
  readonly unit: string;
  readonly ev: string;
  readonly env: Readonly<Record<string, string>>;
  readonly argv: readonly string[];
  readonly proc: Readonly<Record<string, unknown>>;
  readonly tools: Readonly<Record<string, unknown>>;
  readonly acts: readonly (readonly [string, unknown])[];
  readonly exit: number | string | undefined;
}

export type Line =
  | ({ readonly kind: 'op' } & z.infer<typeof OpLine>)
  | ({ readonly kind: 'steer' } & z.infer<typeof SteerLine>)
  | ({ readonly kind: 'unsteer' } & z.infer<typeof UnsteerLine>)
  | { readonly kind: 'note'; readonly n: number; readonly t: number }
  | { readonly kind: 'hook'; readonly n: number; readonly t: number; readonly event: HookEvent };

/** @param name such as `01-config-actions-status` */
export function readRecording(name: string): Line[] {
  const text = readFileSync(join(RECORDINGS, `${name}.jsonl`), 'utf8');
  const raw = text
    .trim()
    .split('\n')
    .map((line) => Base.parse(JSON.parse(line)));
  const hooks = new Map<number, z.infer<typeof HookLine>>();
  for (const line of raw) if ('unit' in line) hooks.set(line.n ?? 0, HookLine.parse(line));
  const referred = <T>(value: T | string, pick: (line: z.infer<typeof HookLine>) => T | string): T | undefined => {
    if (typeof value !== 'string') return value;
    const at = hooks.get(Number(value.slice(1)));
    return at === undefined ? undefined : referred(pick(at), pick);
  };
  const answer = (line: z.infer<typeof HookLine>, command: string): unknown => {
    if (line.tools !== undefined && Object.hasOwn(line.tools, command)) return line.tools[command];
    const [at] = Object.entries(line.same ?? {}).find(([, commands]) => commands.includes(command)) ?? [];
    const other = at === undefined ? undefined : hooks.get(Number(at));
    return other === undefined ? undefined : answer(other, command);
  };
  const event = (line: z.infer<typeof HookLine>): HookEvent => {
    const commands = [...Object.keys(line.tools ?? {}), ...Object.values(line.same ?? {}).flat()];
    return {
      n: line.n,
      t: line.t,
      unit: line.unit,
      ev: line.ev,
      env: { ...referred<Record<string, string>>(line.base_env, (other) => other.base_env), ...line.env },
      argv: line.argv,
      proc: referred<Record<string, unknown>>(line.proc, (other) => other.proc) ?? {},
      tools: Object.fromEntries(commands.map((command) => [command, answer(line, command)])),
      acts: line.acts ?? [],
      exit: line.exit,
    };
  };
  return raw.flatMap((line): Line[] => {
    const { n = 0, t = 0 } = line;
    if ('scenario' in line) return [];
    if ('op' in line) return [{ kind: 'op', ...OpLine.parse(line) }];
    if ('steer' in line) return [{ kind: 'steer', ...SteerLine.parse(line) }];
    if ('unsteer' in line) return [{ kind: 'unsteer', ...UnsteerLine.parse(line) }];
    const hook = hooks.get(n);
    return hook === undefined ? [{ kind: 'note', n, t }] : [{ kind: 'hook', n, t, event: event(hook) }];
  });
}
