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

export const Ledger = z.object({
  /** In the order in which they were installed. */
  builds: z.array(Build),
  /** Folder of the build asked for last. */
  latest: z.optional(z.string()),
  /** Folders that have served, the newest last. */
  served: z.array(z.string()),
  /** What was asked for when `latest` was decided: the newer of two wishes wins. */
  seen: z.object({ resource: z.optional(z.string()), label: z.optional(z.string()) }),
  /** A label set on this unit alone; holds while `current_symlink` is what it was then. */
  override: z.optional(z.object({ label: z.string(), during: z.string() })),
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

/** A build that was chosen on this unit alone is no longer chosen. */
export function forgetOverride(data: Data): void {
  const { override, ...ledger } = readLedger(data);
  if (override !== undefined) writeLedger(data, ledger);
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
  const label = ledger.override?.during === currentSymlink ? ledger.override.label : currentSymlink;
  const build =
    label === 'latest' ? ledger.builds.find((one) => one.folder === ledger.latest) : newestOf(ledger, label);
  if (build !== undefined) return { kind: 'serve', build };
  return label === 'latest' ? { kind: 'nothing' } : { kind: 'missing', label, installed: installedLabels(ledger) };
}

/** Label of the build that serves; undefined where none does, or where code is served in place. */
export function servedLabel(data: Data): string | undefined {
  const { builds, served } = readLedger(data);
  return builds.find(({ folder }) => folder === served.at(-1))?.label;
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
  const kept = parse((await readFile(api.machine, BUILDS_RECORD)) ?? '');
  if (kept?.owner === owner(api)) writeLedger(api.data, kept.ledger);
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
