/** Brings a build onto the machine from the resource, a location or the charm itself: checked, unpacked to one side, then named. */
import { copyFileSync, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unpack } from '../../system/archives/unpack.ts';
import { digestFile } from '../../system/digest.ts';
import { download } from '../../system/download.ts';
import { ensureDirectory, listDirectory, readFile, removeFile, removeTree } from '../../system/files.ts';
import { move } from '../../system/replace-content.ts';
import type { WsgiApi } from '../api.ts';
import { label as readLabel } from '../config/names.ts';
import type { Options } from '../config/options.ts';
import { INCOMING } from '../paths.ts';
import { blocked, waiting } from '../status.ts';
import type { Account } from './data-paths.ts';
import { readLedger } from './ledger.ts';

export type Wish = { readonly kind: 'resource'; readonly digest: string } | { readonly kind: 'label' };

/** A build that is unpacked and has no name yet. */
export interface Fetched {
  readonly label: string;
  /** Digest of its archive. */
  readonly content: string;
  readonly origin: 'resource' | 'uri' | 'charm';
  /** Gives it its folder under the application root. */
  readonly place: (folder: string) => Promise<void>;
}

const ARCHIVE = `${INCOMING}/archive`;

/** @throws Problem that names the build and says why it cannot be had */
export async function fetchBuild(
  api: WsgiApi,
  wish: Wish,
  options: Options,
  root: string,
  account: Account,
): Promise<Fetched> {
  const { machine } = api;
  const unpacked = `${root}/.incoming`;
  await ensureDirectory(machine, INCOMING, { mode: 0o700 });
  try {
    const origin = wish.kind === 'resource' ? bringResource(api) : await bringLabel(api, options);
    const content = await digestFile(machine.path(ARCHIVE));
    await removeTree(machine, unpacked);
    const result = await unpack(machine, ARCHIVE, unpacked, {
      owner: account.user,
      group: account.group,
      // A folder that wsgi_module names is a package of the application's.
      unwrap: (folder) => folder !== options.wsgi_module?.module.split('.')[0],
    });
    const subject = wish.kind === 'resource' ? 'build resource' : `build ${options.build_label}`;
    if (!result.ok) return blocked(`${subject}: ${result.reason}; ${consequence(api, wish)}`);
    const label = wish.kind === 'resource' ? await labelInside(api, unpacked, content) : options.build_label;
    return { label, content, origin, place: (folder) => place(api, unpacked, `${root}/${folder}`) };
  } finally {
    await removeFile(machine, ARCHIVE);
  }
}

/** What follows for the operator: on a first deploy there is no build that could go on. */
function consequence({ data }: WsgiApi, wish: Wish): string {
  if (readLedger(data).served.length > 0) return 'the build that serves goes on';
  return wish.kind === 'resource' ? 'attach another' : 'publish another, or set another build_label';
}

function bringResource(api: WsgiApi): 'resource' {
  const path = resourcePath(api);
  if (path === undefined) return waiting('build resource: it cannot be had from Juju just now');
  copyFileSync(path, api.machine.path(ARCHIVE));
  return 'resource';
}

async function bringLabel(api: WsgiApi, options: Options): Promise<'uri' | 'charm'> {
  const { machine, juju } = api;
  const { build_label, archive_filename, code_assets_uri } = options;
  if (code_assets_uri !== undefined) {
    juju.showStatus('maintenance', `downloading build ${build_label}`);
    const url = `${code_assets_uri}/${encodeURIComponent(build_label)}/${encodeURIComponent(archive_filename)}`;
    const result = await download(machine, url, ARCHIVE, {
      proxies: juju.unit.proxies,
      stallTimeout: options.download_stall_timeout,
      timeout: options.download_timeout,
      sha256: options.archive_sha256,
    });
    if (result.ok) return 'uri';
    const message = `build ${build_label}: ${result.reason}`;
    return result.passing ? waiting(message) : blocked(message);
  }
  const bundled = bundledArchive(api, options);
  if (bundled === undefined) {
    const where = `files/${build_label}/${archive_filename}`;
    return blocked(
      `build_label: the charm has no ${where}; set code_assets_uri, attach a build resource, or correct the label`,
    );
  }
  copyFileSync(bundled, machine.path(ARCHIVE));
  return 'charm';
}

/** The label that the archive itself names; else one made from its content, so that the same archive is the same build. */
async function labelInside({ machine }: WsgiApi, unpacked: string, content: string): Promise<string> {
  if (!(await listDirectory(machine, unpacked)).includes('BUILD_LABEL')) return `build-${content.slice(0, 8)}`;
  const text = ((await readFile(machine, `${unpacked}/BUILD_LABEL`)) ?? '').trim();
  try {
    return readLabel(text);
  } catch (error) {
    return blocked(`build resource: its BUILD_LABEL ${error instanceof Error ? error.message : 'is no label'}`);
  }
}

/** A folder of that name that is in no ledger was left by a hook that was ended right here. */
async function place({ machine }: WsgiApi, unpacked: string, folder: string): Promise<void> {
  await removeTree(machine, folder);
  await move(machine, unpacked, folder);
}

/** Events before which the content of the resource may have changed; at others what is remembered holds. */
const RESOURCE_EVENTS: ReadonlySet<string> = new Set(['install', 'start', 'upgrade-charm', 'config-changed']);
const SEEN = 'wsgi.resource';

/** Path of the `build` resource on this host; undefined where none is attached. */
function resourcePath({ juju }: WsgiApi): string | undefined {
  return juju.resource('build');
}

/** Digest of the `build` resource; undefined where none is attached. */
export async function resourceDigest(api: WsgiApi): Promise<string | undefined> {
  const { data, event } = api;
  const known = data.get(SEEN);
  if (typeof known === 'string' && !RESOURCE_EVENTS.has(event.name)) return known === '' ? undefined : known;
  const path = resourcePath(api);
  const digest = path === undefined ? undefined : await digestFile(path);
  data.set(SEEN, digest ?? '');
  return digest;
}

/** The archive of a label that the charm itself carries, as a path on this host. */
function bundledArchive({ charmDir }: WsgiApi, options: Options): string | undefined {
  const path = join(charmDir, 'files', options.build_label, options.archive_filename);
  return existsSync(path) && statSync(path).isFile() ? path : undefined;
}

export async function bundledDigest(api: WsgiApi, options: Options): Promise<string | undefined> {
  const path = bundledArchive(api, options);
  return path === undefined ? undefined : digestFile(path);
}
