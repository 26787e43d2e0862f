/** Which release a unit's options ask for. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../juju/types.ts';
import { digestOf } from '../../system/digest.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import { hasBuilds } from '../source/builds.ts';
import { resourceDigest } from '../source/fetch.ts';
import { readLedger } from '../source/ledger.ts';
import { secretKeyMark } from './secret-key.ts';
import type { ReleaseId } from './turns.ts';

/** Options that start no application anew, or say how a release goes rather than what is in it. */
const NO_PART: readonly RegExp[] = [
  /^nagios_/,
  /^verify_/,
  /^rollout$/,
  /^builds_to_keep$/,
  /^(apt_lock|pip|provision|download_stall)_timeout$/,
];

export interface ReleaseInput {
  readonly config: Config;
  /** Digest of the build or source that is to be served. */
  readonly source: string;
  /** Tells one revision of the charm from another; the same on every unit. */
  readonly charm: string;
}

/**
 * The same on all units for the same options, build and charm. What differs from unit to unit has no part in it, nor what
 * relations say: credentials and addresses never wait for a turn.
 */
function releaseId({ config, source, charm }: ReleaseInput): ReleaseId {
  const part = Object.entries(config)
    .filter(([name]) => !NO_PART.some((pattern) => pattern.test(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return digestOf([JSON.stringify(part), source, charm]).slice(0, 16);
}

/** What the options ask every unit for, and what they ask this one for: an action may have given it a build of its own. */
export interface Releases {
  readonly own: ReleaseId;
  readonly target: ReleaseId;
}

/**
 * @param source digest of code that is served in place; undefined while it is not known
 * @returns undefined where that is needed and not known
 */
export async function releasesOf(
  api: WsgiApi,
  options: Options,
  source: string | undefined,
): Promise<Releases | undefined> {
  const build = hasBuilds ? await buildDigest(api, options) : source;
  if (build === undefined) return undefined;
  // A new key is asked for by an operator, and goes from unit to unit as any change.
  const content = `${build} ${digestOf(secretKeyMark(api.juju, options) ?? '')}`;
  const target = releaseId({ config: api.juju.config(), source: content, charm: charmDigest(api.charmDir) });
  const { override } = readLedger(api.data);
  return { target, own: override === undefined ? target : digestOf([target, override.label]).slice(0, 16) };
}

/** Labels are options already; the resource counts where the newest build is what is served. */
async function buildDigest(api: WsgiApi, options: Options): Promise<string> {
  if (options.current_symlink !== 'latest') return '';
  return (await resourceDigest(api)) ?? '';
}

/** Of the charm's code, which is the same on every architecture. */
function charmDigest(charmDir: string): string {
  const folder = join(charmDir, 'lib');
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.cjs'));
    return digestOf(names.sort().map((name) => [name, readFileSync(join(folder, name), 'latin1')]));
  } catch {
    return '';
  }
}
