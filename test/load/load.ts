/** Load on a server from a process of its own, so that neither the test nor the load waits for the other. */
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

const Sent = z.object({
  /** Milliseconds since the epoch. */
  start: z.number(),
  end: z.number(),
  /** Half of all requests leave their connection open for the next one. */
  keepAlive: z.boolean(),
  /** Why it failed; absent when it was answered with 200. */
  why: z.optional(z.string()),
  body: z.optional(z.string()),
});

/** What became of one request. */
export type Sent = z.infer<typeof Sent>;

export interface Load {
  /** Ends it, waits for the answers that are still to come, and tells what became of each request. */
  stop(): Promise<LoadReport>;
}

/** Sends `rate` requests a second to a URL until it is stopped. */
export function startLoad(url: string, rate: number): Load & AsyncDisposable {
  const client = execa(process.execPath, [join(import.meta.dirname, 'client.ts'), url, String(rate)], {
    stdin: 'pipe',
    maxBuffer: 2 ** 28,
  });
  client.catch(() => undefined);
  return {
    async stop() {
      client.stdin.end();
      const { stdout } = await client;
      return new LoadReport(z.array(Sent).parse(JSON.parse(stdout)));
    },
    async [Symbol.asyncDispose]() {
      client.kill('SIGKILL');
      await client.catch(() => undefined);
    },
  };
}

export class LoadReport {
  readonly requests: readonly Sent[];

  constructor(requests: readonly Sent[]) {
    this.requests = requests;
  }

  /** Requests a second that were answered. */
  get rate(): number {
    const from = Math.min(...this.requests.map(({ start }) => start));
    const to = Math.max(...this.requests.map(({ end }) => end));
    return (this.requests.filter(({ why }) => why === undefined).length / (to - from)) * 1000;
  }

  get failed(): readonly Sent[] {
    return this.requests.filter(({ why }) => why !== undefined);
  }

  /** Those that were under way at a moment, in milliseconds since the epoch. */
  openAt(moment: number): readonly Sent[] {
    return this.requests.filter(({ start, end }) => start <= moment && moment <= end);
  }

  /** Distinct bodies of the answers to requests sent within a time. */
  answersBetween(from: number, to: number): Set<string> {
    const within = this.requests.filter(({ start, end }) => from <= start && end <= to);
    return new Set(within.flatMap(({ body }) => (body === undefined ? [] : [body])));
  }
}
