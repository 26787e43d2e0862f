import { createHash } from 'node:crypto';
import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import * as z from 'zod/mini';
import { readFile, removeFile, writeFile } from './files.ts';
import type { Machine } from './machine.ts';

/** What tells one version of a file on a server from another. */
export interface Version {
  /** A strong ETag. */
  readonly etag?: string | undefined;
  /** Last-Modified, as the server wrote it. */
  readonly modified?: string | undefined;
  /** Bytes of the whole file. */
  readonly length?: number | undefined;
}

/** What is on disk of a download, and of which version of the file. */
export interface Partial {
  /** Bytes that are there. */
  readonly length: number;
  /** Undefined where a later answer cannot be told to be of the same version. */
  readonly version: Version | undefined;
  append(chunk: Uint8Array): void;
  /** Begins again, with this version. */
  restart(version: Version | undefined): Promise<void>;
}

/** Kept beside the file. The URL is kept as a digest, because it may hold a password. */
const Notes = z.object({
  url: z.string(),
  version: z.optional(
    z.object({ etag: z.optional(z.string()), modified: z.optional(z.string()), length: z.optional(z.number()) }),
  ),
});

/**
 * What an earlier hook downloaded of the same URL, to be continued. Empty where it could belong to another version of the file.
 *
 * @param fd - the file at `path`, open for writing
 */
export async function resumePartial(machine: Machine, url: URL, path: string, fd: number): Promise<Partial> {
  const key = createHash('sha256').update(url.href).digest('hex');
  const notes = parseNotes(await readFile(machine, `${path}.json`));
  let version = usable(notes?.url === key ? notes.version : undefined);
  const size = fstatSync(fd).size;
  let length = version === undefined || size > (version.length ?? size) ? 0 : size;
  return {
    get length() {
      return length;
    },
    get version() {
      return version;
    },
    append(chunk) {
      for (let written = 0; written < chunk.length; ) {
        written += writeSync(fd, chunk, written, chunk.length - written, length + written);
      }
      length += chunk.length;
    },
    async restart(next) {
      ftruncateSync(fd, 0);
      length = 0;
      version = usable(next);
      await writeFile(machine, `${path}.json`, JSON.stringify({ url: key, version }), { mode: 0o600 });
    },
  };
}

/** Removes what is left of a download. */
export async function discardPartial(machine: Machine, path: string): Promise<void> {
  await removeFile(machine, path);
  await removeFile(machine, `${path}.json`);
}

/** Reads the version from the head of an answer. A weak ETag says nothing about bytes and is left out (RFC 9110, 8.8.1). */
export function versionOf(headers: Dispatcher.ResponseData['headers']): Version {
  const { etag, 'last-modified': modified, 'content-length': length } = headers;
  return {
    etag: typeof etag === 'string' && etag.startsWith('"') ? etag : undefined,
    modified: typeof modified === 'string' ? modified : undefined,
    length: typeof length === 'string' && /^\d+$/.test(length) ? Number(length) : undefined,
  };
}

/** What to send as If-Range. */
export function ifRangeOf(version: Version | undefined): string | undefined {
  return version?.etag ?? version?.modified;
}

/** A date tells versions of one second alike, so it counts only together with a length. */
function usable(version: Version | undefined): Version | undefined {
  if (version?.etag !== undefined) return version;
  return version?.modified !== undefined && version.length !== undefined ? version : undefined;
}

function parseNotes(text: string | undefined): z.infer<typeof Notes> | undefined {
  try {
    return Notes.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
