/** A steady load on an application from a process of its own, which no test holds up. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import * as z from 'zod';
import type { Endpoint } from '../../packages/local-juju/machine.ts';

const Report = z.object({
  seconds: z.number(),
  /** Requests a second that were answered. */
  rate: z.number(),
  /** Answered ones, by kind: on a new connection, on a kept one, uploads, and those of 5 seconds. */
  requests: z.object({ new: z.number(), kept: z.number(), upload: z.number(), slow: z.number() }),
  /** Seconds that the longest request took, the slow ones aside. */
  longest: z.number(),
  failed: z.number(),
  /** The first ten. */
  failures: z.array(z.object({ phase: z.string(), kind: z.string(), what: z.string() })),
});
export type LoadReport = z.infer<typeof Report>;

export interface Load {
  /** Says what happens from now on; it stands beside failures of that time. */
  phase(name: string): void;
  stop(): Promise<LoadReport>;
}

/** @param rate requests a second */
export function startMixedLoad({ host, port }: Endpoint, rate: number): Load {
  const program = join(import.meta.dirname, 'mixed-load.py');
  const child = spawn('python3', [program, host, String(port), String(rate)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const printed = text(child.stdout);
  const ended = once(child, 'close');
  return {
    phase: (name) => void child.stdin.write(`${name}\n`),
    stop: async () => {
      child.stdin.end();
      await ended;
      return Report.parse(JSON.parse(await printed));
    },
  };
}

/** The application that the load is meant for; says its name on every page. */
export function loadedApplication(name: string, before = ''): string {
  return [
    'import time',
    before,
    'def application(environ, start_response):',
    '    path = environ["PATH_INFO"]',
    '    if path == "/slow": time.sleep(5)',
    `    body = ${JSON.stringify(name)}.encode()`,
    '    if path == "/upload":',
    '        stream, length = environ["wsgi.input"], 0',
    '        while chunk := stream.read(4096): length += len(chunk)',
    '        body = str(length).encode()',
    '    start_response("200 OK", [("Content-Length", str(len(body)))])',
    '    return [body]',
    '',
  ].join('\n');
}
