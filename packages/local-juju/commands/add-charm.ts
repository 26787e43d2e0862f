/** A charm becomes a revision of the model: unpacked once, numbered by each upload. */

import { mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Charm, readCharm } from '../model/charm.ts';
import { unpackCharm } from '../model/charm-archive.ts';
import { nextHex } from '../model/ids.ts';
import { LocalError } from '../model/local-error.ts';
import type { Session } from '../uniter/session.ts';

export interface AddedCharm {
  readonly charm: Charm;
  readonly revision: number;
  /** Absolute path that it came from. */
  readonly source: string;
}

/** @param check throws where the charm is not wanted; no revision is used up then */
export async function addCharm(session: Session, source: string, check: (charm: Charm) => void): Promise<AddedCharm> {
  const beside = join(session.dir, 'charms', `.${nextHex(session.state)}`);
  mkdirSync(join(session.dir, 'charms'), { recursive: true });
  if (session.state.quirks && statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
    throw new LocalError(
      `${source} is a folder, and Juju 4 deploys archives only; pack it first: wsgi-charm pack ${source}`,
    );
  }
  try {
    await unpackCharm(source, beside);
    const charm = readCharm(beside);
    check(charm);
    const revision = session.state.counters.charms[charm.name] ?? 0;
    session.state.counters.charms[charm.name] = revision + 1;
    const target = session.charmDir(charm.name, revision);
    rmSync(target, { recursive: true, force: true });
    renameSync(beside, target);
    // The number is used up, whatever becomes of the command.
    session.save();
    return { charm, revision, source: resolve(source) };
  } finally {
    rmSync(beside, { recursive: true, force: true });
  }
}
