import type { Dispatcher } from 'undici';
import { DownloadFailure, refusedBy, tooLarge, wordsFor } from './download-failure.ts';
import { type Partial, validatorOf } from './download-partial.ts';
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

const MOST_REDIRECTS = 5;
/**
 * Asks once for what is missing of a file, and appends it.
 *
 * @throws DownloadFailure
 */
export async function attempt(options: Attempt, partial: Partial): Promise<void> {
  const { ProxyAgent, Agent } = await import('undici');
  const clock = createStallClock(options);
  let dispatcher: Dispatcher | undefined;
  try {
    let { url } = options;
    for (let redirects = 0; ; redirects++) {
      const proxy = proxyFor(url, options.proxies);
      const bounds = { headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 0 } };
      // A proxy is asked for a plain http URL itself; only to a TLS server does it make a tunnel (RFC 9110, 3.7 and 9.3.6).
      const plain = proxy !== undefined && url.protocol === 'http:';
      dispatcher = proxy === undefined || plain ? new Agent(bounds) : new ProxyAgent({ uri: proxy, ...bounds });
      const headers = {
        ...authorization(url),
        ...range(partial),
        'accept-encoding': 'identity',
        'user-agent': 'wsgi-charm',
      };
      const target: Target = plain
        ? throughProxy(new URL(proxy), url)
        : { origin: url.origin, path: `${url.pathname}${url.search}` };
      const response = await dispatcher.request({
        ...target,
        method: 'GET',
        headers: { ...headers, ...target.headers },
        signal: clock.signal,
      });
      const location = response.headers.location;
      if (![301, 302, 303, 307, 308].includes(response.statusCode) || typeof location !== 'string') {
        await receive(response, options, partial, clock.tick);
        return;
      }
      await dispatcher.destroy();
      url = redirected(url, location, redirects);
    }
  } catch (error) {
    throw explain(error, clock, options, partial);
  } finally {
    clock.stop();
    await dispatcher?.destroy();
  }
}

async function receive(
  response: Dispatcher.ResponseData,
  { limit }: Attempt,
  partial: Partial,
  tick: () => void,
): Promise<void> {
  const { statusCode, headers, body } = response;
  const start = statusCode === 206 ? startOf(headers['content-range']) : 0;
  if (statusCode === 416 || (statusCode === 206 && start !== partial.length)) {
    await partial.restart(undefined);
    throw new DownloadFailure('the server sends another part than it was asked for', true);
  }
  if (statusCode !== 200 && statusCode !== 206) throw refusedBy(statusCode);
  if (statusCode === 200) await partial.restart(validatorOf(headers));
  const announced = headers['content-length'] === undefined ? undefined : Number(headers['content-length']);
  const whole = announced === undefined ? undefined : start + announced;
  if ((whole ?? 0) > limit) throw tooLarge(limit);
  for await (const chunk of body) {
    tick();
    if (partial.length + chunk.length > limit) throw tooLarge(limit);
    partial.append(chunk);
  }
  if (whole !== undefined && partial.length < whole) {
    throw new DownloadFailure(`the connection was closed after ${partial.length} of ${whole} bytes`, true);
  }
}

/** RFC 9110 13.1.5: with If-Range the server sends the whole file where it is another one by now. */
function range({ length, validator }: Partial): Record<string, string> {
  return length > 0 && validator !== undefined ? { range: `bytes=${length}-`, 'if-range': validator } : {};
}

function startOf(contentRange: string | string[] | undefined): number {
  const [, start] = /^bytes (\d+)-\d+\/(?:\d+|\*)$/.exec(String(contentRange)) ?? [];
  return start === undefined ? -1 : Number(start);
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
}

/** User and password are for the server that they were given for, and for no other. */
function redirected(from: URL, location: string, redirects: number): URL {
  if (redirects >= MOST_REDIRECTS) throw new DownloadFailure('it is redirected too often', false);
  const to = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  if (to === undefined || !/^https?:$/.test(to.protocol)) {
    throw new DownloadFailure('it is redirected to what is no http or https URL', false);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new DownloadFailure(`it is redirected from https to http (${to.host})`, false);
  }
  if (to.origin === from.origin && to.username === '') {
    to.username = from.username;
    to.password = from.password;
  }
  return to;
}

interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The request as a proxy takes it: to its own address, for the whole URL. */
function throughProxy(proxy: URL, url: URL): Target {
  const { authorization: allowed } = authorization(proxy);
  return {
    origin: proxy.origin,
    path: bare(url).href,
    headers: { host: url.host, ...(allowed === undefined ? {} : { 'proxy-authorization': allowed }) },
  };
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
