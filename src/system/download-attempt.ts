import type { Dispatcher } from 'undici';
import { judge } from './download-answer.ts';
import { DownloadFailure, tooLarge, wordsFor } from './download-failure.ts';
import type { Partial } from './download-partial.ts';
import { redirected, requestFor } from './download-request.ts';
import { MachineError } from './errors.ts';
import { type Proxies, proxyFor } from './proxy.ts';

export interface Attempt {
  readonly url: URL;
  readonly proxies: Proxies;
  /** Seconds without a byte, while connecting too. */
  readonly stallTimeout: number;
  /** Bytes that a file may have. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks once for what is missing of a file, and appends it.
 *
 * @throws DownloadFailure
 */
export async function attempt(options: Attempt, partial: Partial): Promise<void> {
  const clock = createStallClock(options);
  try {
    let url: URL | undefined = options.url;
    for (let redirects = 0; url !== undefined; redirects++)
      url = await askOnce(url, redirects, options, partial, clock);
  } catch (error) {
    throw explain(error, clock, options, partial);
  } finally {
    clock.stop();
  }
}

/** @returns where else to ask; undefined once everything is there */
async function askOnce(
  url: URL,
  redirects: number,
  options: Attempt,
  partial: Partial,
  clock: StallClock,
): Promise<URL | undefined> {
  const { ProxyAgent, Agent } = await import('undici');
  const proxy = proxyFor(url, options.proxies);
  const bounds = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } };
  // A proxy is asked for a plain http URL itself; only to a TLS server does it make a tunnel (RFC 9110, 3.7 and 9.3.6).
  const plain = proxy !== undefined && url.protocol === 'http:';
  const dispatcher = proxy === undefined || plain ? new Agent(bounds) : new ProxyAgent({ uri: proxy, ...bounds });
  try {
    const target = requestFor(url, partial, plain ? new URL(proxy) : undefined);
    const response = await dispatcher.request({ ...target, method: 'GET', signal: clock.signal });
    const { statusCode, headers, body } = response;
    // A body that is not read to its end fails when its connection goes. What has read the head does not care.
    body.on('error', () => undefined);
    const { location } = headers;
    if (REDIRECTS.has(statusCode) && typeof location === 'string') return redirected(url, location, redirects);
    await receive(response, options, partial, clock.tick);
    return undefined;
  } finally {
    await dispatcher.destroy();
  }
}

async function receive(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  { limit }: Attempt,
  partial: Partial,
  tick: () => void,
): Promise<void> {
  const answer = judge(statusCode, headers, partial);
  if (answer.kind === 'other') {
    await partial.restart(undefined);
    throw new DownloadFailure('the server sends another part than it was asked for', true);
  }
  if (answer.kind === 'whole') await partial.restart(answer.version);
  const { end } = answer;
  const whole = answer.kind === 'rest' ? answer.total : end;
  if ((whole ?? 0) > limit) throw tooLarge(limit);
  for await (const chunk of body) {
    tick();
    if (partial.length + chunk.length > limit) throw tooLarge(limit);
    if (end !== undefined && partial.length + chunk.length > end) {
      await partial.restart(undefined);
      throw new DownloadFailure('the server sends more than it announced', true);
    }
    partial.append(chunk);
  }
  if (whole !== undefined && partial.length < whole) {
    throw new DownloadFailure(`the connection was closed after ${partial.length} of ${whole} bytes`, true);
  }
}

interface StallClock {
  readonly signal: AbortSignal;
  /** To be called whenever something has come. */
  readonly tick: () => void;
  readonly stop: () => void;
  readonly stalled: () => boolean;
}

function createStallClock({ stallTimeout, signal }: Attempt): StallClock {
  const ended = new AbortController();
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    ended.abort();
  }, stallTimeout * 1000);
  // AbortSignal.any() is not known to the oldest Node that runs the charm.
  const pass = () => ended.abort(signal.reason);
  if (signal.aborted) pass();
  signal.addEventListener('abort', pass, { once: true });
  return {
    signal: ended.signal,
    tick: () => void timer.refresh(),
    stop: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', pass);
    },
    stalled: () => stalled,
  };
}

function explain(error: unknown, clock: StallClock, { stallTimeout, signal }: Attempt, { length }: Partial): unknown {
  if (error instanceof DownloadFailure || error instanceof MachineError) return error;
  if (clock.stalled()) return new DownloadFailure(`nothing came for ${stallTimeout} s, after ${length} bytes`, true);
  return signal.aborted ? error : wordsFor(error);
}
