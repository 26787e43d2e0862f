/**
 * A unit's charm folder. A new revision is laid over the old one: what it ships is restored, what only the old one had
 * goes, what the charm made itself stays.
 */

import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type Charm, hookNames } from '../model/charm.ts';

/** @param previous the unpacked revision that the folder holds now, if any */
export function deployCharm(target: string, revision: string, charm: Charm, url: string, previous?: string): void {
  const files = filesOf(revision);
  if (previous !== undefined) {
    const kept = new Set(files);
    for (const path of filesOf(previous)) if (!kept.has(path)) rmSync(join(target, path), { force: true });
  }
  mkdirSync(target, { recursive: true });
  for (const path of files) place(join(revision, path), join(target, path));
  makeHooksExecutable(target, charm);
  writeFileSync(join(target, '.juju-charm'), `${url}\n`);
  writeFileSync(join(target, 'revision'), '0');
}

/** Paths of files and links, relative to the folder. */
function filesOf(dir: string, under = ''): string[] {
  return readdirSync(join(dir, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under === '' ? entry.name : `${under}/${entry.name}`;
    return entry.isDirectory() ? filesOf(dir, path) : [path];
  });
}

function place(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const stat = lstatSync(from);
  rmSync(to, { recursive: true, force: true });
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(from), to);
    return;
  }
  copyFileSync(from, to);
  chmodSync(to, stat.mode & 0o777);
}

/** Juju sets the executable bit on hooks that were shipped without it. */
function makeHooksExecutable(target: string, charm: Charm): void {
  for (const name of hookNames(charm)) {
    const path = join(target, 'hooks', name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() === true && (stat.mode & 0o100) === 0) chmodSync(path, (stat.mode & 0o777) | 0o100);
  }
}
