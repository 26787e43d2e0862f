/** What the head of a server's answer means for a download: the whole file, the part that is missing, or neither. */
import type { Dispatcher } from 'undici';
import { DownloadFailure, refusedBy } from './download-failure.ts';
import { type Partial, type Version, versionOf } from './download-partial.ts';

type Headers = Dispatcher.ResponseData['headers'];

/** What is to be done with the body that follows. */
export type Answer =
  /** Begin the file anew. `end` is its length in bytes; undefined where the server does not say. */
  | { readonly kind: 'whole'; readonly version: Version; readonly end: number | undefined }
  /** Append up to `end`, of a file of `total` bytes. */
  | { readonly kind: 'rest'; readonly end: number; readonly total: number }
  /** What is here belongs to another file than what the server sends: begin anew with another request. */
  | { readonly kind: 'other' };

/** Encodings in which archives are often said to be although the bytes are the file itself. */
const FILE_ENCODINGS: ReadonlySet<string> = new Set([
  '',
  'identity',
  'gzip',
  'x-gzip',
  'bzip2',
  'x-bzip2',
  'xz',
  'zstd',
]);

/** @throws DownloadFailure where the answer is no file */
export function judge(status: number, headers: Headers, partial: Partial): Answer {
  const asked = partial.length > 0 && partial.version !== undefined;
  if (asked && status === 416) return { kind: 'other' };
  if (status !== 200 && status !== 206) throw refusedBy(status);
  if (status === 206 && !asked)
    throw new DownloadFailure('the server sends a part where the whole was asked for', true);
  const encoding = String(headers['content-encoding'] ?? '').toLowerCase();
  // How a body is cut into chunks is undone by undici; anything else would end up in the file (RFC 9112, 6.1).
  const transfer = String(headers['transfer-encoding'] ?? 'chunked').toLowerCase();
  if (!FILE_ENCODINGS.has(encoding) || transfer !== 'chunked') {
    throw new DownloadFailure('the server sends it in an encoding that was not asked for', false);
  }
  const version = versionOf(headers);
  if (status === 200) return { kind: 'whole', version, end: version.length };
  return restOf(headers, version, partial) ?? { kind: 'other' };
}

/** A part is joined only to the same version of the file: the same ETag, date and length (RFC 9110, 15.3.7.3). */
function restOf(headers: Headers, found: Version, partial: Partial): Answer | undefined {
  const [, first, last, all] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(String(headers['content-range'])) ?? [];
  const [start, end, total] = [Number(first), Number(last) + 1, Number(all)];
  const { version } = partial;
  const fits = start === partial.length && start < end && end <= total;
  const same =
    version?.etag === found.etag &&
    version?.modified === found.modified &&
    (version?.length === undefined || version.length === total);
  return fits && same ? { kind: 'rest', end, total } : undefined;
}
