/** Where a build can come from: the resource, a location, or the charm's own files. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';

/** Events before which the content of the resource may have changed; at others what is remembered holds. */
const RESOURCE_EVENTS: ReadonlySet<string> = new Set(['install', 'start', 'upgrade-charm', 'config-changed']);
const SEEN = 'wsgi.resource';

/** Path of the `build` resource on this host; undefined where none is attached. */
export function resourcePath({ juju }: WsgiApi): string | undefined {
  return juju.resource('build');
}

/** Digest of the `build` resource; undefined where none is attached. */
export async function resourceDigest(api: WsgiApi): Promise<string | undefined> {
  const { data, event } = api;
  const known = data.get(SEEN);
  if (typeof known === 'string' && !RESOURCE_EVENTS.has(event.name)) return known === '' ? undefined : known;
  const path = resourcePath(api);
  const digest = path === undefined ? undefined : await sha256(path);
  data.set(SEEN, digest ?? '');
  return digest;
}

/** The archive of a label that the charm itself carries, as a path on this host. */
export function bundledArchive({ charmDir }: WsgiApi, options: Options): string | undefined {
  const path = join(charmDir, 'files', options.build_label, options.archive_filename);
  return existsSync(path) && statSync(path).isFile() ? path : undefined;
}

export async function bundledDigest(api: WsgiApi, options: Options): Promise<string | undefined> {
  const path = bundledArchive(api, options);
  return path === undefined ? undefined : sha256(path);
}

/** SHA-256 of a file, in hexadecimal. */
export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
