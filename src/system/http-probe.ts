import { get } from 'node:http';
import { errorCode } from './errors.ts';
import { toWellFormed } from './unicode.ts';

export interface ProbeRequest {
  readonly host: string;
  readonly port: number;
  /** Path and query, such as `/health`. */
  readonly path: string;
  /** Seconds until the answer's status line must be there, the connection included. */
  readonly timeout: number;
  /** Host header, where the application must be asked by a name. */
  readonly hostname?: string;
}

/** A status is an answer, whatever it is; `reason` is a few words for a status line. */
export type ProbeResult =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly reason: string };

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection closed without an answer',
  EPIPE: 'connection closed without an answer',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the host',
  ETIMEDOUT: 'connection timed out',
  EADDRNOTAVAIL: 'no such address on this machine',
};

/** Asks once by GET, without proxies and redirects, and reads no further than the head of the answer. Never throws. */
export function probe({ host, port, path, timeout, hostname }: ProbeRequest): Promise<ProbeResult> {
  const headers = { 'User-Agent': 'wsgi-charm', Accept: '*/*', ...(hostname === undefined ? {} : { Host: hostname }) };
  return new Promise((resolve) => {
    const request = get({ host, port, path: encode(path), headers, agent: false });
    const deadline = setTimeout(
      () => {
        resolve({ ok: false, reason: `no answer within ${timeout} s` });
        request.destroy();
      },
      Math.max(0, timeout * 1000),
    );
    request.once('response', (response) => {
      resolve({ ok: true, status: response.statusCode ?? 0 });
      response.destroy();
    });
    // Stay subscribed: an error after the answer would otherwise be thrown.
    request.on('error', (error) => resolve({ ok: false, reason: words(error) }));
    request.once('close', () => {
      clearTimeout(deadline);
      // Where neither came, as after a switch of protocols that was not asked for.
      resolve({ ok: false, reason: 'connection closed without an answer' });
    });
  });
}

/** As browsers do with what may not stand in a request line. */
function encode(path: string): string {
  return toWellFormed(path).replace(/[^!-~]+/g, encodeURIComponent);
}

function words(error: Error): string {
  const code = errorCode(error) ?? '';
  if (code.startsWith('HPE_')) return 'what answers does not speak HTTP';
  return WORDS[code] ?? error.message;
}
