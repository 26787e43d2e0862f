import { createHash } from 'node:crypto';
import { fstatSync, ftruncateSync, writeSync } from 'node:fs';
import type { Dispatcher } from 'undici';
import * as z from 'zod/mini';
import { readFile, removeFile, writeFile } from './files.ts';
import type { Machine } from './machine.ts';

/** What is on disk of a download, and what tells whether the server still has the same. */
export interface Partial {
  /** Bytes that are there. */
  readonly length: number;
  /** A strong ETag or a Last-Modified date, for If-Range; undefined where the server gave none. */
  readonly validator: string | undefined;
  append(chunk: Uint8Array): void;
  /** Begins again, with what the server has now. */
  restart(validator: string | undefined): Promise<void>;
}

/** Kept beside the file. The URL is told by its digest, for it may hold a password. */
const Notes = z.object({ url: z.string(), validator: z.optional(z.string()) });

/**
 * What an earlier hook left of the same URL, to be gone on with; nothing of it where it cannot be told from another file.
 *
 * @param fd - the file at `path`, open for writing
 */
export async function resumePartial(machine: Machine, url: URL, path: string, fd: number): Promise<Partial> {
  const key = createHash('sha256').update(url.href).digest('hex');
  const notes = parseNotes(await readFile(machine, `${path}.json`));
  let validator = notes?.url === key ? notes.validator : undefined;
  let length = validator === undefined ? 0 : fstatSync(fd).size;
  return {
    get length() {
      return length;
    },
    get validator() {
      return validator;
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
      validator = next;
      await writeFile(machine, `${path}.json`, JSON.stringify({ url: key, validator }), { mode: 0o600 });
    },
  };
}

/** Removes what is left of a download. */
export async function discardPartial(machine: Machine, path: string): Promise<void> {
  await removeFile(machine, path);
  await removeFile(machine, `${path}.json`);
}

/** What tells one state of a file from another, for RFC 9110's If-Range: no weak ETag. */
export function validatorOf(headers: Dispatcher.ResponseData['headers']): string | undefined {
  const { etag } = headers;
  if (typeof etag === 'string' && etag.startsWith('"')) return etag;
  const modified = headers['last-modified'];
  return typeof modified === 'string' ? modified : undefined;
}

function parseNotes(text: string | undefined): z.infer<typeof Notes> | undefined {
  try {
    return Notes.parse(JSON.parse(text ?? ''));
  } catch {
    return undefined;
  }
}
