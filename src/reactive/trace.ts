import type { DispatchObserver } from './dispatch.ts';
import { explain } from './explain.ts';
import type { LiveFlags } from './flags.ts';
import type { Phase } from './holds.ts';
import type { Condition, Flag } from './types.ts';

/** The variable that asks for a trace of a hook: `REACTIVE_TRACE=1`. */
export const traceVariable = 'REACTIVE_TRACE';

/** One thing that a dispatch did. */
export type TraceEntry =
  | { readonly what: 'phase'; readonly phase: Phase }
  | { readonly what: 'iteration'; readonly iteration: number }
  | { readonly what: 'ran'; readonly handler: string }
  | { readonly what: 'passed over'; readonly handler: string; readonly because: string; readonly again: boolean }
  | { readonly what: 'flag'; readonly flag: Flag; readonly set: boolean; readonly by: string | undefined };

/**
 * A record of why each handler ran, or did not.
 *
 * @example
 * ```ts
 * const trace = new Trace();
 * await runHandlers(handlers, api, { trace }).finally(() => console.log(trace.report()));
 * // phase other
 * //   iteration 0
 * //     serve: no, wsgi.ready is not set
 * //     prepare ran
 * //       wsgi.ready set
 * ```
 */
export class Trace {
  readonly entries: TraceEntry[] = [];
  #running: string | undefined;
  #phase: Phase = 'hooks';

  /** Begins to note changes of flags, and gives the observer that a dispatch takes. */
  attach(flags: LiveFlags): DispatchObserver {
    flags.onChange = (flag, set) => this.entries.push({ what: 'flag', flag, set, by: this.#running });
    return {
      phase: (phase) => {
        this.#phase = phase;
        this.entries.push({ what: 'phase', phase });
      },
      iteration: (iteration) => this.entries.push({ what: 'iteration', iteration }),
      tested: (handler, failed, again) => this.#tested(handler, failed, again, flags),
      invoking: (handler) => {
        this.#running = handler;
        this.entries.push({ what: 'ran', handler });
      },
      invoked: () => {
        this.#running = undefined;
      },
    };
  }

  #tested(handler: string, failed: Condition | 'declined' | undefined, again: boolean, flags: LiveFlags): void {
    if (failed === undefined) return;
    const because = failed === 'declined' ? 'its --test declined' : explain(failed, this.#phase, flags);
    this.entries.push({ what: 'passed over', handler, because, again });
  }

  /** All of it, as indented text. */
  report(): string {
    return this.entries.map(line).join('\n');
  }

  /**
   * Why one handler ran or did not, a sentence for each time that it was tested or ran. When it is missing from an
   * iteration, none of its flags had changed in the one before.
   */
  why(handler: string): string[] {
    let where = 'before dispatch';
    return this.entries.flatMap((entry) => {
      if (entry.what === 'phase') where = `phase ${entry.phase}`;
      if (entry.what === 'iteration') where = `${where.replace(/, iteration.*/, '')}, iteration ${entry.iteration}`;
      if (entry.what === 'ran' && entry.handler === handler) return [`${where}: ran`];
      if (entry.what === 'passed over' && entry.handler === handler) return [`${where}: no, ${entry.because}`];
      return [];
    });
  }
}

function line(entry: TraceEntry): string {
  switch (entry.what) {
    case 'phase':
      return `phase ${entry.phase}`;
    case 'iteration':
      return `  iteration ${entry.iteration}`;
    case 'ran':
      return `    ${entry.handler} ran`;
    case 'passed over':
      return `    ${entry.handler}: no${entry.again ? ' longer' : ''}, ${entry.because}`;
    case 'flag':
      return `${entry.by === undefined ? '' : '      '}${entry.flag} ${entry.set ? 'set' : 'cleared'}`;
  }
}
