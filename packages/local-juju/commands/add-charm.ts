/** A charm becomes a revision of the model: unpacked once, numbered by each upload. */

import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
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
    if (session.state.machineKind === 'sandbox') refuseBootstrap(charm, beside);
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

/**
 * Refuses a charm of layer:basic, which expects a machine of its own: it writes to /root, whatever HOME is, and installs
 * Debian packages. A sandbox shares both with this computer. A charm that prepares its own environment (`exec.d`) is taken.
 */
function refuseBootstrap(charm: Charm, folder: string): void {
  const bootstraps = ['wheelhouse', 'lib/charms/layer/basic.py'].every((path) => existsSync(join(folder, path)));
  if (!bootstraps || preparesItself(folder)) return;
  throw new LocalError(
    `${charm.name} is made with layer:basic, which writes to /root and installs packages, and a sandbox shares those with ` +
      'this computer; deploy it with Juju, or prepare its environment in exec.d/NAME/charm-pre-install',
  );
}

function preparesItself(folder: string): boolean {
  const steps = join(folder, 'exec.d');
  return existsSync(steps) && readdirSync(steps).some((name) => existsSync(join(steps, name, 'charm-pre-install')));
}
