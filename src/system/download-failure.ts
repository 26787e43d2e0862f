import { errorCode } from './errors.ts';
import { lastLine } from './last-line.ts';
import { maskUrls } from './mask.ts';

/** A download failed. `passing` says whether it may go well another time. */
export class DownloadFailure extends Error {
  override readonly name = 'DownloadFailure';
  readonly passing: boolean;

  constructor(message: string, passing: boolean) {
    super(message);
    this.passing = passing;
  }
}

/** Statuses of a server, or a proxy before it, that has trouble which passes. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];

/** What the status of an answer means for a download. */
export function refusedBy(status: number): DownloadFailure {
  const hints: Record<number, string> = {
    401: 'the server wants a user and a password (401)',
    403: 'the server forbids it (403)',
    404: 'there is no such file (404)',
    407: 'the proxy wants a user and a password (407)',
  };
  return new DownloadFailure(hints[status] ?? `the server answers ${status}`, PASSING.includes(status));
}

/** A file is larger than it may be, or says that it will be. */
export function tooLarge(limit: number): DownloadFailure {
  return new DownloadFailure(`it is larger than ${limit} bytes, which is the most that is taken`, false);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was reset',
  UND_ERR_SOCKET: 'the connection was closed before its time',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'names cannot be resolved',
  EHOSTUNREACH: 'there is no route to the host',
  ENETUNREACH: 'there is no route to the host',
  ETIMEDOUT: 'the connection timed out',
  UND_ERR_HEADERS_OVERFLOW: 'the head of the answer is too long',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the server sends another length than it announced',
};

/** A failed connection in words; what the disk says is for the caller. */
export function wordsFor(error: unknown): unknown {
  if (error instanceof Error && 'syscall' in error && ['write', 'ftruncate'].includes(String(error.syscall))) {
    return error;
  }
  const code = errorCode(error) ?? (error instanceof Error ? errorCode(error.cause) : undefined) ?? '';
  const words =
    WORDS[code] ?? notHttp(code) ?? maskUrls(lastLine(error instanceof Error ? error.message : String(error)));
  return new DownloadFailure(words, !/CERT|SSL|TLS/.test(code));
}

/** What undici's parser refuses, whatever it is. */
function notHttp(code: string): string | undefined {
  return code.startsWith('HPE_') || code === 'ERR_ASSERTION'
    ? `what the server sends is not HTTP (${code})`
    : undefined;
}
