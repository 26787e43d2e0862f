import { readSync, writeSync } from 'node:fs';
import type { Json } from '../reactive/types.ts';
import { type Call, FromPython, type Order, type OrderResult } from './messages.ts';

/** Python has ended: its hook failed, or it was killed. Nothing of this hook is to be kept. */
export class HookEnded extends Error {
  override readonly name = 'HookEnded';

  constructor() {
    super('the hook has ended');
  }
}

/**
 * Lines to and from Python over two inherited file descriptors. Reading and writing block: the flags of a handler are
 * functions, not promises, and nothing may go on in one process while the other one is at work.
 */
export class Channel {
  readonly #input: number;
  readonly #output: number;
  readonly #chunk = Buffer.alloc(65_536);
  #received = Buffer.alloc(0);

  constructor(input: number, output: number) {
    this.#input = input;
    this.#output = output;
  }

  /** @throws HookEnded when the other end is closed */
  send(message: Call | OrderResult): void {
    const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(this.#output, bytes, written);
    } catch {
      throw new HookEnded();
    }
  }

  /** @throws HookEnded when nothing more will come */
  receive(): FromPython {
    return FromPython.parse(JSON.parse(this.#line()));
  }

  /**
   * Calls a function in Python. What it sets off there may ask something of the layer before it answers.
   *
   * @throws HookEnded when Python ends instead, as it does when the function throws
   */
  call(name: string, args: readonly (Json | undefined)[], carryOut: (order: Order) => OrderResult): Json {
    this.send({ call: name, arguments: args });
    for (;;) {
      const message = this.receive();
      if ('answer' in message) return message.answer;
      this.send(carryOut(message));
    }
  }

  #line(): string {
    for (;;) {
      const end = this.#received.indexOf('\n');
      if (end >= 0) {
        const line = this.#received.toString('utf8', 0, end);
        this.#received = this.#received.subarray(end + 1);
        return line;
      }
      const count = readSync(this.#input, this.#chunk);
      if (count === 0) throw new HookEnded();
      this.#received = Buffer.concat([this.#received, this.#chunk.subarray(0, count)]);
    }
  }
}
