/** What the two sides of the bridge say to each other, one JSON object a line. */
import * as z from 'zod/mini';
import type { Json } from '../reactive/types.ts';

const json: z.ZodMiniType<Json> = z.json();

const Check = z.object({ description: z.string(), command: z.readonly(z.tuple([z.string()], z.string())) });

const Process = z.object({ command: z.string(), count: z.optional(z.number()) });

/** What Python asks of the layer, with charms.reactive in charge of when. */
export const Order = z.union([
  /** Whether what a handler asks for beside its flags is so in this phase. */
  z.object({ holds: z.string(), phase: z.enum(['restricted', 'hooks', 'other']) }),
  /** Runs a handler. */
  z.object({ run: z.string() }),
  /** What an author's handler wants of the layer. */
  z.object({ ask: z.literal('restart') }),
  z.object({ ask: z.literal('environment'), name: z.string(), value: z.nullable(z.string()) }),
  z.object({ ask: z.literal('check'), name: z.string(), check: z.nullable(Check) }),
  z.object({ ask: z.literal('process'), name: z.string(), process: z.nullable(Process) }),
  /** All handlers have run: what was collected for Juju is to be written. */
  z.object({ finish: z.literal(true) }),
]);
export type Order = z.infer<typeof Order>;

/** The answer to a {@link Call}. */
const Answer = z.object({ answer: json });

export const FromPython = z.union([Answer, Order]);
export type FromPython = z.infer<typeof FromPython>;

/** A function of charms.reactive or of the store, to be called in Python. */
export interface Call {
  readonly call: string;
  readonly arguments: readonly (Json | undefined)[];
}

/** How an order ended; `failed` is the stack of what was thrown. */
export type OrderResult = { readonly done: Json } | { readonly failed: string };
