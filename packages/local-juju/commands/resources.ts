/** Files that operators attach to applications. */

import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import type { Charm } from '../model/charm.ts';
import { timestamp } from '../model/clock.ts';
import { LocalError } from '../model/local-error.ts';
import type { Application } from '../model/state.ts';
import type { Session } from '../uniter/session.ts';

/** @throws LocalError for a name that the charm does not declare, or a file with another extension than declared */
export function checkResource(charm: Charm, name: string, path: string): void {
  const spec = charm.resources[name];
  if (spec === undefined) throw new LocalError(`charm resource ${JSON.stringify(name)} not found`);
  const expected = extname(spec.filename);
  if (extname(path) !== expected) {
    throw new LocalError(
      `resource ${JSON.stringify(name)}: incorrect extension on resource upload ${JSON.stringify(path)}, expected ${JSON.stringify(expected)}`,
    );
  }
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    throw new LocalError(`file for resource ${JSON.stringify(name)}: open ${path}: no such file or directory`);
  }
}

/** Keeps a copy in the model; the units get it by resource-get. */
export function storeResource(session: Session, application: Application, name: string, path: string): void {
  const revision = session.state.counters.resources;
  session.state.counters.resources = revision + 1;
  const file = `${application.name}-${name}-${revision}`;
  const stored = session.resourceFile(file);
  mkdirSync(dirname(stored), { recursive: true });
  copyFileSync(path, stored);
  application.resources[name] = {
    file,
    revision,
    size: statSync(stored).size,
    fingerprint: createHash('sha384').update(readFileSync(stored)).digest('hex'),
    timestamp: timestamp(session.state),
  };
}

/** Like a refresh: every unit runs upgrade-charm and config-changed, with equal content too. @throws LocalError */
export function attachResource(session: Session, application: Application, name: string, path: string): void {
  const charm = session.charmOf(application.name);
  if (charm.resources[name] === undefined) {
    const where = `application ${JSON.stringify(application.name)}, resource ${JSON.stringify(name)}`;
    throw new LocalError(
      `failed to upload resource ${JSON.stringify(name)}: getting resource uuid: ${where} not found`,
    );
  }
  checkResource(charm, name, path);
  storeResource(session, application, name, path);
  application.charmVersion += 1;
}
