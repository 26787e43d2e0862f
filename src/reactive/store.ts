import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { replacePrivateFile } from '../system/atomic-file.ts';
import { StoreError } from './errors.ts';
import { parse, serialize } from './store-format.ts';
import type { Flag, Json, Store } from './types.ts';

/** A store that lives as long as the process: for tests, and for a unit whose disk cannot be written. */
export class MemoryStore implements Store {
  readonly flags: Map<Flag, Json>;
  readonly data: Map<string, Json>;
  readonly remarks: readonly string[] = [];
  readonly interrupted = false;

  constructor(content: { readonly flags?: Iterable<[Flag, Json]>; readonly data?: Iterable<[string, Json]> } = {}) {
    this.flags = new Map(content.flags);
    this.data = new Map(content.data);
  }

  flush(): void {}
  reload(): void {}
  commit(): void {}
}

/**
 * Flags and data in one JSON file, replaced whole or not at all.
 *
 * A file that is torn or damaged by hand is set aside as `FILE.damaged` and said so in {@link FileStore.remarks}; the
 * store is then empty, and the charm finds the world again by looking at it.
 *
 * @throws StoreError from the constructor when a newer revision of the charm wrote the file, or it cannot be read.
 */
export class FileStore implements Store {
  readonly flags = new Map<Flag, Json>();
  readonly data = new Map<string, Json>();
  readonly interrupted: boolean;
  /** The file. */
  readonly path: string;
  readonly #remarks: string[] = [];
  /** The text on disk, to know whether there is anything to write. */
  #written: string | undefined;

  constructor(path: string) {
    this.path = path;
    this.reload();
    this.interrupted = this.#markOpen();
  }

  get remarks(): readonly string[] {
    return this.#remarks;
  }

  reload(): void {
    this.#written = this.#read();
    this.flags.clear();
    this.data.clear();
    if (this.#written === undefined) return;
    const found = parse(this.#written, this.path);
    if (found.damage !== undefined) {
      this.#setAside(found.damage);
      return;
    }
    this.#remarks.push(...found.remarks);
    for (const [flag, value] of found.flags) this.flags.set(flag, value);
    for (const [key, value] of found.data) this.data.set(key, value);
  }

  flush(): void {
    const text = serialize(this.flags, this.data);
    if (text === this.#written) return;
    try {
      mkdirSync(dirname(this.path), { recursive: true });
      replacePrivateFile(this.path, text);
    } catch (cause) {
      throw new StoreError(this.path, `${this.path}: cannot write the charm's state: ${reason(cause)}`, { cause });
    }
    this.#written = text;
  }

  commit(): void {
    this.flush();
    for (const file of [this.#marker, this.#begun]) rmSync(file, { force: true });
  }

  get #marker(): string {
    return `${this.path}.open`;
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8');
    } catch (cause) {
      if (code(cause) === 'ENOENT') return undefined;
      throw new StoreError(this.path, `${this.path}: cannot read the charm's state: ${reason(cause)}`, { cause });
    }
  }

  #setAside(damage: string): void {
    const aside = `${this.path}.damaged`;
    this.#written = undefined;
    try {
      renameSync(this.path, aside);
      this.#remarks.push(`${this.path} is damaged (${damage}); it is kept as ${aside}, and the state is built anew`);
    } catch (cause) {
      this.#remarks.push(`${this.path} is damaged (${damage}) and cannot be set aside: ${reason(cause)}`);
    }
  }

  /** The launcher of a hook leaves a line here before anything else: a hook may be killed before this program has begun. */
  get #begun(): string {
    return `${this.path}.begun`;
  }

  #hooksBegun(): number {
    return statSync(this.#begun, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Leaves a mark that only a commit removes; says whether the last one is still there. */
  #markOpen(): boolean {
    if (existsSync(this.#marker) || this.#hooksBegun() > 1) return true;
    try {
      if (this.#written === undefined) mkdirSync(dirname(this.path), { recursive: true });
      closeSync(openSync(this.#marker, 'wx', 0o600));
      return false;
    } catch {
      // If no mark can be left now, none could be left before: assume that the last hook did not finish.
      return true;
    }
  }
}

function code(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
