/** What differs on the machine from what the charm left there. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { WsgiApi } from '../api.ts';
import { wsgiYamlOf } from '../config/wsgi-yaml.ts';
import { changedFiles, sourceSince } from '../memory/written-files.ts';
import { DROP_INS } from '../paths.ts';

/** Files that are named; an application that was copied over has thousands. */
const MOST = 10;
/** Entries of the application's folder that are looked at. */
const LOOKED_AT = 20_000;

/** Files of the charm that somebody changed, drop-ins of the operator's, and files of the application that are newer than its release. */
export async function changedByHand(api: WsgiApi): Promise<string[]> {
  const { machine, data } = api;
  const dropIns = namesIn(machine.path(DROP_INS)).map(
    (name) => `${DROP_INS}/${name}: a setting of your own, which is kept`,
  );
  const files = (await changedFiles(machine, data)).map(
    ({ path, gone }) => `${path}: ${gone ? 'is gone' : 'differs from what the charm writes'}`,
  );
  const since = sourceSince(data);
  if (since === undefined) return [...files, ...dropIns];
  const skip = new Set(wsgiYamlOf(api).data_paths);
  const newer = newerFiles(machine.path(since.folder), since.at, skip);
  const shown = newer.slice(0, MOST).map((path) => `${since.folder}/${path}: changed since it came to serve`);
  const more = newer.length > MOST ? [`and ${newer.length - MOST} more files in ${since.folder}`] : [];
  return [...files, ...dropIns, ...shown, ...more];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Paths of the files whose inode changed after a moment, which no program can hide as it can the time of writing. */
function newerFiles(folder: string, moment: number, skip: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const folders = [''];
  let looked = 0;
  for (let below = folders.pop(); below !== undefined && looked < LOOKED_AT; below = folders.pop()) {
    for (const name of namesIn(join(folder, below))) {
      const path = below === '' ? name : `${below}/${name}`;
      if (name === '__pycache__' || skip.has(path)) continue;
      looked += 1;
      const stat = lstatSync(join(folder, path), { throwIfNoEntry: false });
      if (stat?.isDirectory()) folders.push(path);
      else if (stat !== undefined && stat.ctimeMs > moment) found.push(path);
    }
  }
  return found.sort();
}
