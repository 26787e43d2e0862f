/**
 * Which builds are installed, which was asked for last, which this unit was told to serve. A copy is kept on the machine, so
 * that a lost store does not change which build an operator chose.
 */
import * as z from 'zod/mini';
import type { Data } from '../../reactive/types.ts';
import { readFile, writeFile } from '../../system/files.ts';
import type { WsgiApi } from '../api.ts';
import { BUILDS_RECORD } from '../paths.ts';

/** One unpacked build under the application root. */
const Build = z.object({
  label: z.string(),
  /** Name of its folder: the label, or the label and a count where the label came again with other content. */
  folder: z.string(),
  /** Digest of the archive or folder that it came from. */
  content: z.string(),
  origin: z.enum(['resource', 'uri', 'charm']),
});
export type Build = z.infer<typeof Build>;

const Override = z.object({
  label: z.string(),
  /** The option `current_symlink` under which it was chosen. */
  during: z.string(),
  /** Where this unit was rolled back: the folder to serve, and the one that the options chose instead. */
  rollback: z.optional(z.object({ folder: z.string(), instead: z.string(), left: z.array(z.string()) })),
});
export type Override = z.infer<typeof Override>;

export const Ledger = z.object({
  /** In the order in which they were installed. */
  builds: z.array(Build),
  /** Folder of the build asked for last. */
  latest: z.optional(z.string()),
  /** Folders that have served, the newest last. */
  served: z.array(z.string()),
  /** What was asked for when `latest` was decided: the newer of two wishes wins. */
  seen: z.object({ resource: z.optional(z.string()), label: z.optional(z.string()) }),
  /** What this unit alone was told to serve; see {@link overrideHolds}. */
  override: z.optional(Override),
});
export type Ledger = z.infer<typeof Ledger>;

const KEY = 'wsgi.builds';

export const EMPTY_LEDGER: Ledger = { builds: [], served: [], seen: {} };

export function readLedger(data: Data): Ledger {
  const parsed = Ledger.safeParse(data.get(KEY));
  return parsed.success ? parsed.data : EMPTY_LEDGER;
}

export function writeLedger(data: Data, ledger: Ledger): void {
  // Through JSON, as the store will: an absent `latest` is no key at all.
  data.set(KEY, JSON.parse(JSON.stringify(ledger)));
}

/** Sets what this unit alone is to serve; undefined for what the options choose. */
export function setOverride(data: Data, override: Override | undefined): void {
  writeLedger(data, { ...readLedger(data), override });
}

/**
 * Whether a unit's own choice still counts. It ends when `current_symlink` changes; a rollback ends too when the options come
 * to choose another build than the one that was rolled back, as they do with the next release.
 */
export function overrideHolds(ledger: Ledger, currentSymlink: string): boolean {
  const { override } = ledger;
  if (override?.during !== currentSymlink) return false;
  const { rollback } = override;
  return rollback === undefined || optionsChoose(ledger, currentSymlink)?.folder === rollback.instead;
}

/** The newest build of a label. */
export function newestOf(ledger: Ledger, label: string): Build | undefined {
  return ledger.builds.findLast((build) => build.label === label);
}

/** A folder name for content that is new: the label, or `label~2` beside other content of that label. `~` is in no label. */
export function folderFor(ledger: Ledger, label: string): string {
  const taken = new Set(ledger.builds.map((build) => build.folder));
  if (!taken.has(label)) return label;
  let count = 2;
  while (taken.has(`${label}~${count}`)) count += 1;
  return `${label}~${count}`;
}

/** What this unit should serve. */
export type Choice =
  | { readonly kind: 'serve'; readonly build: Build }
  | { readonly kind: 'missing'; readonly label: string; readonly installed: readonly string[] }
  | { readonly kind: 'nothing' };

/** @param currentSymlink the option: `latest` or a label. */
export function chooseBuild(ledger: Ledger, currentSymlink: string): Choice {
  const override = overrideHolds(ledger, currentSymlink) ? ledger.override : undefined;
  const label = override?.label ?? currentSymlink;
  const { folder } = override?.rollback ?? {};
  const build = folder === undefined ? optionsChoose(ledger, label) : inFolder(ledger, folder);
  if (build !== undefined) return { kind: 'serve', build };
  return label === 'latest' ? { kind: 'nothing' } : { kind: 'missing', label, installed: installedLabels(ledger) };
}

/** Label of the build that serves; undefined where none does, or where code is served in place. */
export function servedLabel(data: Data): string | undefined {
  const { builds, served } = readLedger(data);
  return builds.find(({ folder }) => folder === served.at(-1))?.label;
}

/** The build of `latest` or of a label, whatever this unit was told. */
function optionsChoose(ledger: Ledger, label: string): Build | undefined {
  return label === 'latest' ? inFolder(ledger, ledger.latest) : newestOf(ledger, label);
}

/** The build that is in this folder. */
function inFolder({ builds }: Ledger, folder: string | undefined): Build | undefined {
  return builds.find((build) => build.folder === folder);
}

/**
 * The choice with which a unit goes back to the build that served before the one that serves now. Builds that it went back
 * from already are passed over, so that the next time it goes further back.
 *
 * @returns undefined where no build that served before is installed
 */
export function rolledBack(ledger: Ledger, currentSymlink: string): Override | undefined {
  const current = ledger.served.at(-1);
  const before = overrideHolds(ledger, currentSymlink) ? ledger.override?.rollback : undefined;
  const left = [...(before?.left ?? []), ...(current === undefined ? [] : [current])];
  const folder = ledger.served.findLast((one) => !left.includes(one) && inFolder(ledger, one) !== undefined);
  const build = inFolder(ledger, folder);
  const instead = optionsChoose(ledger, currentSymlink)?.folder;
  if (build === undefined || instead === undefined) return undefined;
  return { label: build.label, during: currentSymlink, rollback: { folder: build.folder, instead, left } };
}

/** Label of the build that the options choose, where this unit went back to another one and serves it. */
export function rollbackOf(ledger: Ledger, currentSymlink: string): string | undefined {
  const rollback = overrideHolds(ledger, currentSymlink) ? ledger.override?.rollback : undefined;
  if (rollback === undefined || rollback.folder !== ledger.served.at(-1)) return undefined;
  return inFolder(ledger, rollback.instead)?.label;
}

export function installedLabels(ledger: Ledger): string[] {
  return [...new Set(ledger.builds.map((build) => build.label))];
}

/**
 * Folders that may go: all but the served one, the one that served before it, the latest, what the option or the
 * unit's override names, and `keep` more, the newest first.
 */
export function superfluous(ledger: Ledger, currentSymlink: string, keep: number): Build[] {
  const chosen = chooseBuild(ledger, currentSymlink);
  const needed = new Set([
    ...ledger.served.slice(-2),
    ledger.latest,
    chosen.kind === 'serve' ? chosen.build.folder : undefined,
    newestOf(ledger, currentSymlink)?.folder,
  ]);
  const rest = ledger.builds.filter((build) => !needed.has(build.folder));
  return keep >= rest.length ? [] : rest.slice(0, rest.length - keep);
}

/** Notes that a build serves now. */
export function nowServes(ledger: Ledger, folder: string): Ledger {
  if (ledger.served.at(-1) === folder) return ledger;
  return { ...ledger, served: [...ledger.served.filter((one) => one !== folder), folder] };
}

const Kept = z.object({
  /** Another unit's may be left on a machine that it left in a hurry. */
  owner: z.string(),
  ledger: Ledger,
});

/** Called where a build has come to serve. */
export async function keepLedger(api: WsgiApi): Promise<void> {
  const kept = JSON.stringify({ owner: owner(api), ledger: readLedger(api.data) });
  await writeFile(api.machine, BUILDS_RECORD, `${kept}\n`, { mode: 0o644 });
}

/** Where the store knows of no build, takes what this unit kept. */
export async function recoverLedger(api: WsgiApi): Promise<void> {
  if (api.event.name === 'install' || readLedger(api.data).builds.length > 0) return;
  const kept = await keptLedger(api);
  if (kept !== undefined) writeLedger(api.data, kept);
}

/** What this unit kept on the machine; undefined where that is another unit's, or nothing. */
export async function keptLedger(api: WsgiApi): Promise<Ledger | undefined> {
  const kept = parse((await readFile(api.machine, BUILDS_RECORD)) ?? '');
  return kept?.owner === owner(api) ? kept.ledger : undefined;
}

function owner({ juju }: WsgiApi): string {
  return `${juju.unit.modelUuid} ${juju.unit.unit}`;
}

function parse(text: string): z.infer<typeof Kept> | undefined {
  try {
    return Kept.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
