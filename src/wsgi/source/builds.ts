/** Builds side by side under the application root: `latest` is what was asked for last, `current` what is served. */
import config from '../../../config.yaml';
import type { Data } from '../../reactive/types.ts';
import { ensureDirectory, ensureSymlink, removeTree } from '../../system/files.ts';
import type { WsgiApi } from '../api.ts';
import type { Options } from '../config/options.ts';
import type { WsgiYaml } from '../config/wsgi-yaml.ts';
import { blocked } from '../status.ts';
import type { Account } from './data-paths.ts';
import { bundledDigest, type Fetched, fetchBuild, resourceDigest } from './fetch.ts';
import type { Source } from './in-place.ts';
import {
  type Build,
  chooseBuild,
  folderFor,
  keepLedger,
  type Ledger,
  newestOf,
  nowServes,
  overrideHolds,
  readLedger,
  recoverLedger,
  setOverride,
  superfluous,
  writeLedger,
} from './ledger.ts';
import { beginToWatch, lookBehind, sentence } from './left-behind.ts';
import { expectEntries, forgetMade, isRemoved, madeKey } from './removed.ts';

/** Whether this charm installs builds by label; otherwise its author's handlers provide the source. */
export const hasBuilds = Object.hasOwn(config.options, 'build_label');

export interface BuildsSource {
  readonly source: Source;
  /** Called once the build serves: moves `current`, and removes builds that are no longer needed. */
  readonly makeCurrent: () => Promise<void>;
}

/**
 * @param wish `wanted`: what options and resource ask for now; `served`: what serves, for when the other cannot be had
 * @throws Problem where the wanted build cannot be had, or is not there
 */
export async function buildsSource(
  api: WsgiApi,
  options: Options,
  yaml: WsgiYaml,
  account: Account,
  wish: 'wanted' | 'served',
): Promise<BuildsSource | undefined> {
  if (!hasBuilds) return undefined;
  const { machine, data } = api;
  const root = yaml.application_root;
  // Owned by root, so that no other user can replace a build in it.
  await ensureDirectory(machine, root, { mode: 0o755, owner: 'root', group: 'root' });
  await recoverLedger(api);
  await forgetRemoved(api, root, options);
  if (wish === 'wanted') {
    endOverride(data, options);
    await installWanted(api, options, root, account);
    endOverride(data, options);
  }
  const chosen = wish === 'wanted' ? wantedBuild(readLedger(data), options) : servedBuild(readLedger(data));
  const build = await present(api, chosen, options, root, account);
  const { latest } = readLedger(data);
  if (latest !== undefined) await ensureSymlink(machine, `${root}/latest`, latest);
  return {
    source: { folder: `${root}/${build.folder}`, digest: build.content, label: build.label },
    makeCurrent: () => commitBuild(api, options, root, build),
  };
}

/** A unit's own choice that holds no longer ends for good: the options may come back to what they were. */
function endOverride(data: Data, { current_symlink }: Options): void {
  const ledger = readLedger(data);
  if (ledger.override !== undefined && !overrideHolds(ledger, current_symlink)) setOverride(data, undefined);
}

/** @throws Problem where there is no such build */
export function wantedBuild(ledger: Ledger, options: Options): Build {
  const choice = chooseBuild(ledger, options.current_symlink);
  if (choice.kind === 'serve') return choice.build;
  if (choice.kind === 'nothing') return blocked('build_label: no build is installed');
  const installed = choice.installed.join(', ');
  return blocked(`current_symlink: there is no build ${choice.label} on this unit; installed: ${installed}`);
}

function servedBuild(ledger: Ledger): Build {
  const build = ledger.builds.find(({ folder }) => folder === ledger.served.at(-1));
  return build ?? blocked('build_label: no build is installed');
}

/** Folders that somebody removed are not builds any more, unless they are to be served or are what was asked for last. */
async function forgetRemoved({ machine, data }: WsgiApi, root: string, options: Options): Promise<void> {
  const ledger = readLedger(data);
  const choice = chooseBuild(ledger, options.current_symlink);
  const chosen = choice.kind === 'serve' ? choice.build.folder : undefined;
  const needed = [ledger.latest, ledger.served.at(-1), chosen];
  const builds: Build[] = [];
  for (const build of ledger.builds) {
    const removed = !needed.includes(build.folder) && (await isRemoved(machine, data, `${root}/${build.folder}`));
    if (!removed) builds.push(build);
  }
  if (builds.length < ledger.builds.length) writeLedger(data, { ...ledger, builds });
}

/**
 * The build that is to be served, installed again where somebody has removed it. Its label may have other content by now.
 *
 * @throws Problem where it cannot be had again
 */
async function present(api: WsgiApi, build: Build, options: Options, root: string, account: Account): Promise<Build> {
  const { machine, data, juju } = api;
  const { label, folder, origin } = build;
  if (!(await isRemoved(machine, data, `${root}/${folder}`))) return build;
  juju.log('WARNING', `build ${label} is not in ${root}/${folder} any more: it is installed again`);
  const digest = origin === 'resource' ? await resourceDigest(api) : undefined;
  if (origin === 'resource' && digest !== build.content) {
    return blocked(`build ${label} was removed from ${root}/${folder}, and is not the build resource; attach it again`);
  }
  const wish = digest === undefined ? ({ kind: 'label' } as const) : ({ kind: 'resource', digest } as const);
  // A digest that is typed is that of the label which is typed.
  const archive_sha256 = label === options.build_label ? options.archive_sha256 : undefined;
  const fetched = await fetchBuild(api, wish, { ...options, build_label: label, archive_sha256 }, root, account);
  await fetched.place(folder);
  forgetMade(data, `${root}/${folder}`);
  const again = { ...build, content: fetched.content, origin: fetched.origin };
  const ledger = readLedger(data);
  writeLedger(data, { ...ledger, builds: ledger.builds.map((each) => (each.folder === folder ? again : each)) });
  return again;
}

/** Installs what was asked for last: the resource's new content, else the label's. */
async function installWanted(api: WsgiApi, options: Options, root: string, account: Account): Promise<void> {
  const ledger = readLedger(api.data);
  const available = await availableBuilds(api, options);
  const { resource } = available;
  const seen = { ...ledger.seen, ...(resource === undefined ? {} : { resource }), label: options.build_label };
  const step = nextInstallation(ledger, options.build_label, available);
  if (step.kind === 'latest') writeLedger(api.data, { ...ledger, latest: step.folder, seen });
  if (step.kind === 'none' || step.kind === 'latest') return;
  await record(api, ledger, await fetchBuild(api, step, options, root, account), seen);
}

/** Digests of the builds that are there to be installed; undefined where there is none. */
export interface AvailableBuilds {
  /** Of the build resource. */
  readonly resource: string | undefined;
  /** Of what the charm itself carries under the label, where builds come from it. */
  readonly shipped: string | undefined;
}

export async function availableBuilds(api: WsgiApi, options: Options): Promise<AvailableBuilds> {
  return {
    resource: await resourceDigest(api),
    shipped: options.code_assets_uri === undefined ? await bundledDigest(api, options) : undefined,
  };
}

/** What brings the build that was asked for last onto the unit; `latest` where it is there and is only to be called so. */
export type Installation =
  | { readonly kind: 'none' }
  | { readonly kind: 'latest'; readonly folder: string }
  | { readonly kind: 'resource'; readonly digest: string }
  | { readonly kind: 'label' };

/** The newer of two wishes wins: a resource that is another, or a label that is. */
export function nextInstallation(ledger: Ledger, label: string, { resource, shipped }: AvailableBuilds): Installation {
  if (resource !== undefined && resource !== ledger.seen.resource) return { kind: 'resource', digest: resource };
  const installed = newestOf(ledger, label);
  const asked = label !== ledger.seen.label || ledger.latest === undefined;
  const reshipped = installed?.origin === 'charm' && shipped !== undefined && installed.content !== shipped;
  if (!asked && !reshipped) return { kind: 'none' };
  return installed === undefined || reshipped ? { kind: 'label' } : { kind: 'latest', folder: installed.folder };
}

/** Gives the build its folder, unless the same content is there under that label already. */
async function record(api: WsgiApi, ledger: Ledger, fetched: Fetched, seen: Ledger['seen']): Promise<void> {
  const { label, content, origin } = fetched;
  const same = ledger.builds.find((build) => build.label === label && build.content === content);
  const build: Build = same ?? { label, content, origin, folder: folderFor(ledger, label) };
  if (same === undefined) await fetched.place(build.folder);
  const builds = same === undefined ? [...ledger.builds, build] : ledger.builds;
  writeLedger(api.data, { ...ledger, builds, latest: build.folder, seen });
  api.juju.log('INFO', `build ${label} is installed in ${build.folder}`);
}

async function commitBuild(api: WsgiApi, options: Options, root: string, build: Build): Promise<void> {
  const { machine, data } = api;
  await ensureSymlink(machine, `${root}/current`, build.folder);
  await noticeWrites(api, root, build);
  const ledger = nowServes(readLedger(data), build.folder);
  const gone = superfluous(ledger, options.current_symlink, options.builds_to_keep);
  for (const { folder } of gone) {
    await removeTree(machine, `${root}/${folder}`);
    data.unset(madeKey(`${root}/${folder}`));
  }
  const left = new Set(gone.map(({ folder }) => folder));
  writeLedger(data, { ...ledger, builds: ledger.builds.filter(({ folder }) => !left.has(folder)) });
  await keepLedger(api);
}

/**
 * A log file in a build would be lost with it; one below `current` would stand where the link to the build belongs.
 *
 * @throws Problem that names a better place
 */
export function refuseLogInBuild({ data }: WsgiApi, root: string, options: Options): void {
  const path = options.wsgi_logfile_path;
  if (!hasBuilds || path === undefined || !path.startsWith(`${root}/`)) return;
  const [first = '', ...below] = path.slice(root.length + 1).split('/');
  const builds = ['current', 'latest', options.build_label, ...readLedger(data).builds.map(({ folder }) => folder)];
  if (below.length === 0 ? !['current', 'latest'].includes(first) : !builds.includes(first)) return;
  blocked(
    `wsgi_logfile_path: ${path} is in a build, and lost with it; /var/log/NAME.log or ${root}/log/NAME.log is right`,
  );
}

/** What was written in the folder of the build that served so far is not in this one. */
async function noticeWrites({ machine, data, juju }: WsgiApi, root: string, build: Build): Promise<void> {
  const { served, builds } = readLedger(data);
  const before = builds.find(({ folder }) => folder === served.at(-1));
  const folder = `${root}/${build.folder}`;
  if (before !== undefined && before.folder !== build.folder) {
    const old = { label: before.label, folder: `${root}/${before.folder}` };
    const paths = await lookBehind(machine, data, old, folder);
    if (paths.length > 0) {
      juju.log('WARNING', `${sentence(before.label, paths)}; what it wrote is in ${old.folder}, and not in ${folder}`);
    }
  }
  await beginToWatch(machine, data, folder);
  await expectEntries(machine, data, folder);
}

/** Whether the build that serves is the one that these options choose; always so where code is served in place. */
export function servesChosen(data: Data, options: Options): boolean {
  if (!hasBuilds) return true;
  const ledger = readLedger(data);
  const choice = chooseBuild(ledger, options.current_symlink);
  return choice.kind === 'serve' && choice.build.folder === ledger.served.at(-1);
}
