import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  createReadStream,
  fsyncSync,
  openSync,
  renameSync,
  statSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import { syncFolder } from './atomic-file.ts';
import { attempt } from './download-attempt.ts';
import { DownloadFailure, tooLarge } from './download-failure.ts';
import { discardPartial, resumePartial } from './download-partial.ts';
import { removeFile } from './files.ts';
import type { Machine } from './machine.ts';
import type { Proxies } from './proxy.ts';
import { inParent } from './safe-path.ts';

export interface DownloadOptions {
  readonly proxies?: Proxies;
  /** Seconds without a byte after which an attempt has failed; 30 unless told. */
  readonly stallTimeout?: number;
  /** Seconds that it may take with all attempts, however steadily it comes; 600 unless told. */
  readonly timeout?: number;
  /** Attempts after the first; 5 unless told. */
  readonly retries?: number;
  /** Seconds before the first further attempt, doubled for each next; 1 unless told. */
  readonly retryAfter?: number;
  /** Bytes that a file may have; 2 GiB unless told. */
  readonly limit?: number;
  /** SHA-256 that the file must have, in hexadecimal. */
  readonly sha256?: string;
}

/** Seconds. */
const TIMEOUT = 600;

/** `reason` is a sentence that names the URL without secrets; `passing` says whether it may go well another time. */
export type DownloadResult =
  | { readonly ok: true; readonly sha256: string; readonly bytes: number }
  | { readonly ok: false; readonly reason: string; readonly passing: boolean };

/**
 * Downloads a http, https or file URL to a file of root's. What came before a connection broke, or a hook was killed, is kept
 * beside it and not asked for again. User-info in the URL goes to the server as basic authentication.
 *
 * @param path - path of the machine; replaced in one step once all of the file is there and right
 * @throws MachineError when the disk does not take it
 */
export async function download(
  machine: Machine,
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<DownloadResult> {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !['http:', 'https:', 'file:'].includes(parsed.protocol)) {
    return { ok: false, reason: 'it is not a http, https or file URL', passing: false };
  }
  const signal = AbortSignal.timeout((options.timeout ?? TIMEOUT) * 1000);
  try {
    if (parsed.protocol === 'file:') await copy(machine, parsed, `${path}.partial`, options);
    else await fetchAll(machine, parsed, `${path}.partial`, options, signal);
    const checked = await check(machine, `${path}.partial`, options, signal);
    await inParent(machine, path, {}, (parent, name) => {
      renameSync(parent.at(`${name}.partial`), parent.at(name));
      syncFolder(parent);
    });
    await discardPartial(machine, `${path}.partial`);
    return { ok: true, ...checked };
  } catch (error) {
    if (error instanceof DownloadFailure) {
      if (!error.passing) await discardPartial(machine, `${path}.partial`);
      return { ok: false, reason: `${describe(parsed)}: ${error.message}`, passing: error.passing };
    }
    if (!signal.aborted) throw error;
    return {
      ok: false,
      reason: `${describe(parsed)}: it took longer than ${options.timeout ?? TIMEOUT} s`,
      passing: true,
    };
  }
}

/** A URL as it may be shown: user-info and queries may be secrets. */
function describe(url: URL): string {
  return url.protocol === 'file:' ? url.pathname : `${url.origin}${url.pathname}`;
}

async function fetchAll(
  machine: Machine,
  url: URL,
  path: string,
  options: DownloadOptions,
  signal: AbortSignal,
): Promise<void> {
  const { default: pRetry } = await import('p-retry');
  await inParent(machine, path, { make: true }, async (parent, name) => {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW;
    const fd = openSync(parent.at(name), flags, 0o600);
    let running: Promise<void> | undefined;
    try {
      const partial = await resumePartial(machine, url, path, fd);
      const once = {
        url,
        proxies: options.proxies ?? {},
        stallTimeout: options.stallTimeout ?? 30,
        limit: options.limit ?? 2 * 2 ** 30,
        signal,
      };
      const tries = {
        retries: options.retries ?? 5,
        minTimeout: (options.retryAfter ?? 1) * 1000,
        maxTimeout: 30_000,
        shouldRetry: (error: Error) => error instanceof DownloadFailure && error.passing,
        signal,
      };
      await pRetry(() => {
        running = attempt(once, partial);
        return running;
      }, tries);
      fsyncSync(fd);
    } finally {
      // When the time is over pRetry does not wait for the attempt, which writes to the file until it notices.
      await Promise.allSettled([running]);
      closeSync(fd);
    }
  });
}

/** Copies a file of this machine; it stays as it is while it is used. */
async function copy(machine: Machine, url: URL, path: string, { limit = 2 * 2 ** 30 }: DownloadOptions): Promise<void> {
  if (url.host !== '') throw new DownloadFailure('a file URL names no host; write three slashes', false);
  const from = machine.path(fileURLToPath(url));
  const stat = statSync(from, { throwIfNoEntry: false });
  if (stat === undefined) throw new DownloadFailure('there is no such file on this machine', false);
  if (!stat.isFile()) throw new DownloadFailure('it is not a file', false);
  if (stat.size > limit) throw tooLarge(limit);
  await removeFile(machine, path);
  await inParent(machine, path, { make: true }, (parent, name) => {
    copyFileSync(from, parent.at(name), constants.COPYFILE_EXCL);
    chmodSync(parent.at(name), 0o600);
  });
}

async function check(
  machine: Machine,
  path: string,
  { sha256 }: DownloadOptions,
  signal: AbortSignal,
): Promise<{ readonly sha256: string; readonly bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(machine.path(path), { signal })) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const found = hash.digest('hex');
  if (sha256 !== undefined && found !== sha256.toLowerCase()) {
    throw new DownloadFailure(`its SHA-256 is ${found}, and not ${sha256}`, false);
  }
  return { sha256: found, bytes };
}
