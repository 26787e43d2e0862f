/** Where a download asks, and with which headers. */
import { DownloadFailure } from './download-failure.ts';
import { ifRangeOf, type Partial } from './download-partial.ts';

const MOST_REDIRECTS = 5;

/** A request as undici takes it. */
export interface Target {
  readonly origin: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** @param throughProxy a proxy that is asked for the whole URL itself (RFC 9112, 3.2.2) */
export function requestFor(url: URL, partial: Partial, throughProxy: URL | undefined): Target {
  const headers = {
    ...authorization(url),
    ...range(partial),
    'accept-encoding': 'identity',
    'user-agent': 'wsgi-charm',
  };
  if (throughProxy === undefined) return { origin: url.origin, path: `${url.pathname}${url.search}`, headers };
  const { authorization: allowed } = authorization(throughProxy);
  const ofProxy = { host: url.host, ...(allowed === undefined ? {} : { 'proxy-authorization': allowed }) };
  return { origin: throughProxy.origin, path: bare(url).href, headers: { ...headers, ...ofProxy } };
}

/**
 * Follows a redirect. User and password go to the server that they were given for, and to no other.
 *
 * @throws DownloadFailure
 */
export function redirected(from: URL, location: string, redirects: number): URL {
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

/** RFC 9110 13.1.5: with If-Range the server sends the whole file if it has changed. */
function range(partial: Partial): Record<string, string> {
  const validator = ifRangeOf(partial.version);
  return partial.length > 0 && validator !== undefined
    ? { range: `bytes=${partial.length}-`, 'if-range': validator }
    : {};
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const pair = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A percent sign that begins no escape stands for itself, as in browsers. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function bare(url: URL): URL {
  const copy = new URL(url);
  copy.username = '';
  copy.password = '';
  return copy;
}
