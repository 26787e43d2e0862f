/** The ports of one hook: what is open, what it opens and closes, written at the end where it differs. */
import * as v from 'valibot';
import { Answers } from './answers.ts';
import type { Memory, Question } from './memory.ts';
import { closePort, openedPorts, openPort } from './port.ts';
import { HookToolError, type ToolRunner } from './run.ts';
import type { PortRange } from './types.ts';

export class OpenedPorts {
  readonly #run: ToolRunner;
  readonly #read: Answers<string[]>;
  readonly #pending = new Map<PortRange, 'open' | 'close'>();

  constructor(run: ToolRunner, memory: Memory) {
    this.#run = run;
    this.#read = new Answers(memory, 'opened-ports', v.array(v.string()));
  }

  get(): readonly PortRange[] {
    const open = new Set(this.#base());
    for (const [port, wanted] of this.#pending) wanted === 'open' ? open.add(port) : open.delete(port);
    return [...open].sort(byNumber);
  }

  want(port: PortRange, wanted: 'open' | 'close'): void {
    this.#pending.set(withProtocol(port), wanted);
  }

  /**
   * Closes, then opens, what differs, and returns the questions whose answers this changed.
   * @param refused told of a port that another unit of the machine holds
   */
  commit(refused: (error: HookToolError) => void): Question[] {
    if (this.#pending.size === 0) return [];
    const open = new Set(this.#base());
    const wanted = [...this.#pending];
    this.#pending.clear();
    const closing = wanted.flatMap(([port, want]) => (want === 'close' && open.has(port) ? [port] : []));
    const opening = wanted.flatMap(([port, want]) => (want === 'open' && !open.has(port) ? [port] : []));
    if (closing.length + opening.length === 0) return [];
    for (const port of closing) if (attempt(() => closePort(this.#run, port), refused)) open.delete(port);
    for (const port of opening) if (attempt(() => openPort(this.#run, port), refused)) open.add(port);
    this.#read.learn('', [...open].sort(byNumber));
    return [this.#read.question('')];
  }

  forget(): void {
    this.#read.forget('');
  }

  #base(): string[] {
    return this.#read.get('', () => openedPorts(this.#run));
  }
}

function attempt(act: () => void, refused: (error: HookToolError) => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof HookToolError)) throw error;
    refused(error);
    return false;
  }
}

/** open-port takes `80` for `80/tcp`, opened-ports does not say it. */
function withProtocol(port: PortRange): PortRange {
  return /^[0-9-]+$/.test(port) ? `${port}/tcp` : port;
}

/** As opened-ports sorts: icmp, then by number. */
function byNumber(a: PortRange, b: PortRange): number {
  return firstPort(a) - firstPort(b) || (a < b ? -1 : 1);
}

function firstPort(port: PortRange): number {
  return port === 'icmp' ? -1 : Number.parseInt(port, 10);
}
