/** What is remembered of the `build` resource where the layer unpacks it, and whether there is anything to do about it. */
import { readdirSync, statSync } from 'node:fs';
import * as v from 'valibot';
import type { Data, HandlerApi } from '../../reactive/types.ts';
import { Problem } from '../status.ts';

const KEY = 'wsgi.resource.build';

const Remembered = v.object({
  /** The charm declares the resource, and leaves it to the layer. */
  ours: v.boolean(),
  /** Inode, size and time of the file that was looked at last; empty where there was none. */
  file: v.optional(v.string()),
  /** Digest of the archive that was unpacked last, and the folder into which: as a machine path, and as a path on this host. */
  unpacked: v.optional(v.object({ content: v.string(), root: v.string(), place: v.optional(v.string()) })),
  /** Why the file could not be unpacked. */
  problem: v.optional(v.string()),
});
export type Remembered = v.InferOutput<typeof Remembered>;

/** Hooks in which all may be different: another revision of the charm, another machine's disk. */
const ANEW: ReadonlySet<string> = new Set(['install', 'start', 'upgrade-charm']);
/** Hooks after which this unit no longer serves. */
const LAST: ReadonlySet<string> = new Set(['stop', 'remove']);

/** Whether the resource has to be looked at; costs no process while Juju's answer is remembered. */
export function resourceMayDiffer({ event, data, juju }: HandlerApi): boolean {
  if (LAST.has(event.name)) return false;
  if (ANEW.has(event.name)) return true;
  const known = rememberedResource(data);
  if (known === undefined || !known.ours) return known === undefined;
  return known.file !== fileMark(juju.resource('build')) || isGone(known.unpacked?.place);
}

/**
 * Whether somebody removed the folder that the resource was unpacked into, or all that was in it.
 *
 * @param place the folder as a path on this host; undefined where that is not known
 */
export function isGone(place: string | undefined): boolean {
  if (place === undefined) return false;
  try {
    return readdirSync(place).length === 0;
  } catch {
    return true;
  }
}

export function rememberedResource(data: Data): Remembered | undefined {
  const parsed = v.safeParse(Remembered, data.get(KEY));
  return parsed.success ? parsed.output : undefined;
}

export function rememberResource(data: Data, remembered: Remembered): void {
  data.set(KEY, JSON.parse(JSON.stringify(remembered)));
}

/** @param path on this host */
export function fileMark(path: string | undefined): string {
  const stat = path === undefined ? undefined : statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}

/** What the operator is to know of it. */
export function resourceProblem(data: Data): Problem[] {
  const problem = rememberedResource(data)?.problem;
  return problem === undefined ? [] : [new Problem('blocked', problem)];
}
