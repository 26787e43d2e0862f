/** Flags and data of the layer in the store that Python opened: order, triggers, FlagWatch and rollback are its own. */
import * as z from 'zod/mini';
import { ReactiveError } from '../reactive/errors.ts';
import type { Data, Flag, Flags, Json, Trigger } from '../reactive/types.ts';

/** Calls one of the functions at the end of charms/layer/wsgi.py. */
export type CallPython = (name: string, ...args: readonly (Json | undefined)[]) => Json;

const Changed = z.boolean();
const Names = z.array(z.string());
/** A value that is there, or nothing. */
const Optional = z.array(z.json()).check(z.maxLength(1));

/** What the layer keeps begins with this; all else in the store belongs to others. */
const OWN = 'wsgi.';

export class PythonFlags implements Flags {
  readonly #call: CallPython;

  constructor(call: CallPython) {
    this.#call = call;
  }

  set(flag: Flag, value: Json = null): boolean {
    return Changed.parse(this.#call('set_flag', flag, value));
  }

  clear(flag: Flag): boolean {
    return Changed.parse(this.#call('clear_flag', flag));
  }

  toggle(flag: Flag, should: boolean): boolean {
    return should ? this.set(flag) : this.clear(flag);
  }

  isSet(flag: Flag): boolean {
    return this.all().includes(flag);
  }

  anySet(...flags: Flag[]): boolean {
    const set = this.all();
    return flags.some((flag) => set.includes(flag));
  }

  allSet(...flags: Flag[]): boolean {
    const set = this.all();
    return flags.every((flag) => set.includes(flag));
  }

  value(flag: Flag): Json | undefined {
    return Optional.parse(this.#call('flag_value', flag))[0];
  }

  all(): Flag[] {
    return Names.parse(this.#call('get_flags'));
  }

  /** @throws ReactiveError for a trigger with a callback, which cannot outlive a call to the other process */
  registerTrigger({ when, whenNot, setFlag, clearFlag, callback }: Trigger): void {
    if (callback !== undefined) throw new ReactiveError('a callback of a trigger has to be written in Python here');
    this.#call('register_trigger', when, whenNot, setFlag, clearFlag);
  }
}

export class PythonData implements Data {
  readonly #call: CallPython;

  constructor(call: CallPython) {
    this.#call = call;
  }

  get(key: string): Json | undefined {
    return Optional.parse(this.#call('get_data', own(key)))[0];
  }

  set(key: string, value: Json): void {
    this.#call('set_data', own(key), value);
  }

  unset(key: string): void {
    this.#call('unset_data', own(key));
  }

  keys(prefix = ''): string[] {
    const keys = Names.parse(this.#call('data_keys', OWN));
    return keys.filter((key) => key.startsWith(prefix)).sort();
  }
}

function own(key: string): string {
  if (key.startsWith(OWN)) return key;
  throw new ReactiveError(`${key} is not a key of the layer: these begin with ${OWN}`);
}
