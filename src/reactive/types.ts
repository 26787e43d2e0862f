/** The vocabulary of the engine. Semantics: charms.reactive. */
import type { HookContext, HookEvent } from '../juju/types.ts';

/** `wsgi.source.available` */
export type Flag = string;

/** JSON, the only thing that outlives a hook. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Flags of one unit, with FlagWatch and triggers behind them. */
export interface Flags {
  /** Returns whether the flag was really set now. */
  set(flag: Flag, value?: Json): boolean;
  /** Returns whether the flag was really cleared now. */
  clear(flag: Flag): boolean;
  toggle(flag: Flag, should: boolean): boolean;
  isSet(flag: Flag): boolean;
  anySet(...flags: Flag[]): boolean;
  allSet(...flags: Flag[]): boolean;
  value(flag: Flag): Json | undefined;
  /** All set flags, sorted. */
  all(): Flag[];
  registerTrigger(trigger: Trigger): void;
}

export interface Trigger {
  readonly when?: Flag;
  readonly whenNot?: Flag;
  readonly setFlag?: Flag;
  readonly clearFlag?: Flag;
  readonly callback?: () => void;
}

/** Key-value data that is kept with the flags, and rolled back with them. */
export interface Data {
  get(key: string): Json | undefined;
  set(key: string, value: Json): void;
  unset(key: string): void;
  /** Keys that begin with `prefix`, sorted. */
  keys(prefix?: string): string[];
}

/** Where flags and data live between hooks. */
export interface Store {
  readonly flags: Map<Flag, Json>;
  readonly data: Map<string, Json>;
  /** Sentences for the log about what was found damaged or migrated on opening. */
  readonly remarks: readonly string[];
  /** The hook before this one ended without {@link Store.commit}, so what it did to the world is not remembered here. */
  readonly interrupted: boolean;
  /** Writes both atomically, so that another process sees them; the hook goes on. Throws StoreError when that cannot be done. */
  flush(): void;
  /** Reads both anew, after another process wrote them. */
  reload(): void;
  /** Writes both atomically as the last act of a hook. Throws StoreError when that cannot be done. */
  commit(): void;
}

/** What every handler is given; a charm may give more. */
export interface HandlerApi {
  readonly flags: Flags;
  readonly data: Data;
  readonly juju: HookContext;
  readonly event: HookEvent;
}

export type Condition =
  | { readonly kind: 'when' | 'whenAny' | 'whenNot' | 'whenNotAll'; readonly flags: readonly Flag[] }
  /** Shell-like patterns with braces: `{website,db}-relation-{joined,changed}`; `*` stands for any run of characters. */
  | { readonly kind: 'hook' | 'action'; readonly patterns: readonly string[] }
  | { readonly kind: 'fileChanged'; readonly paths: readonly string[] }
  | { readonly kind: 'dataChanged'; readonly key: string; readonly read: (api: HandlerApi) => Json }
  /** Until the handler has run once in the unit's life. */
  | { readonly kind: 'once' }
  /** Never keeps the handler from running: a warning is logged when it runs while one of the flags is not set. */
  | { readonly kind: 'notUnless'; readonly flags: readonly Flag[] }
  | { readonly kind: 'restricted'; readonly hook: 'collect-metrics' | 'meter-status-changed' }
  | { readonly kind: 'predicate'; readonly name: string; readonly test: (api: HandlerApi) => boolean };

export interface Handler<Api extends HandlerApi = HandlerApi> {
  readonly name: string;
  readonly conditions: readonly Condition[];
  readonly run: (api: Api) => void | Promise<void>;
}
