import type { OpenHook } from '../hook.ts';
import type { HookContext } from '../juju/types.ts';
import { type Candidate, candidate } from '../reactive/candidates.ts';
import type { Data, Flags } from '../reactive/types.ts';
import type { Wsgi } from '../wsgi/api.ts';
import { layerHandlers } from '../wsgi/layer.ts';
import { finish } from '../wsgi/status.ts';
import { HookEnded } from './channel.ts';
import type { HookMark } from './hook-mark.ts';
import type { Order, OrderResult } from './messages.ts';

type Hook = OpenHook<{ readonly flags: Flags; readonly data: Data }>;

/** The layer in one hook, as Python sees it. */
export class Service {
  readonly #hook: Hook;
  readonly #mark: HookMark;
  readonly #juju: HookContext;
  readonly #handlers: ReadonlyMap<string, Candidate>;

  constructor(hook: Hook, mark: HookMark) {
    this.#hook = hook;
    this.#mark = mark;
    // An author's handler that says its own active line says it at once too, and later: ours must not come after it.
    this.#juju = { ...hook.juju, setStatus: hook.juju.showStatus };
    const load = async () => {
      const work = await hook.api.loadWork();
      const { takeOwnTemplates } = await import('./own-templates.ts');
      await takeOwnTemplates(hook.api.charmDir);
      return work;
    };
    let work: ReturnType<typeof load> | undefined;
    const loadWork = () => {
      work ??= load();
      return work;
    };
    const api = { ...hook.api, juju: this.#juju, loadWork };
    this.#handlers = new Map(layerHandlers.map((handler) => [handler.name, candidate(handler, api)]));
  }

  /** @throws HookEnded when Python ended meanwhile */
  async carryOut(order: Order): Promise<OrderResult> {
    try {
      if ('ask' in order || 'holds' in order) return this.atOnce(order);
      // Handlers in Python have used hook tools since.
      this.#hook.juju.forgetOwnWrites();
      if ('run' in order) await this.#handler(order.run).invoke();
      else this.#finish();
      return { done: null };
    } catch (error) {
      if (error instanceof HookEnded) throw error;
      return { failed: (error instanceof Error && error.stack) || String(error) };
    }
  }

  /**
   * Orders that may come in the midst of a handler of ours, too: when it changes a flag, charms.reactive tests all handlers
   * for its log, and triggers of the author's may ask for something.
   */
  atOnce(order: Order): OrderResult {
    if ('holds' in order) return { done: this.#handler(order.holds).test(order.phase) === undefined };
    if (!('ask' in order)) return { failed: 'the layer is in the midst of another handler' };
    try {
      note(this.#hook.api.wsgi, order);
    } catch (error) {
      return { failed: error instanceof Error ? error.message : String(error) };
    }
    return { done: null };
  }

  #handler(name: string): Candidate {
    const found = this.#handlers.get(name);
    if (found === undefined)
      throw new Error(`the layer has no handler ${name}: reactive/wsgi.py is of another version`);
    return found;
  }

  #finish(): void {
    finish(this.#juju, this.#hook.api.data);
    if (this.#hook.commit() === undefined) this.#mark.end();
  }
}

function note(wsgi: Wsgi, order: Extract<Order, { ask: string }>): void {
  if (order.ask === 'restart') wsgi.restart();
  else if (order.ask === 'environment') wsgi.setEnvironment(order.name, order.value ?? undefined);
  else if (order.ask === 'process') wsgi.setProcess(order.name, order.process ?? undefined);
  else wsgi.setCheck(order.name, order.check ?? undefined);
}
