import type { Data, Json } from './types.ts';

/** Data over the map of a store. */
export class LiveData implements Data {
  readonly #values: Map<string, Json>;

  constructor(values: Map<string, Json>) {
    this.#values = values;
  }

  get(key: string): Json | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Json): void {
    this.#values.set(key, value);
  }

  unset(key: string): void {
    this.#values.delete(key);
  }

  keys(prefix = ''): string[] {
    return [...this.#values.keys()].filter((key) => key.startsWith(prefix)).sort();
  }
}
