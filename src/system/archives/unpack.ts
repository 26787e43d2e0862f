import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync, renameSync, statfsSync } from 'node:fs';
import { MachineError } from '../errors.ts';
import { removeTree } from '../files.ts';
import type { Machine } from '../machine.ts';
import { giveTreeTo, type Ownership } from '../owner.ts';
import { inParent } from '../safe-path.ts';
import { decompress } from './decompress.ts';
import { type Format, formatOf } from './format.ts';
import { LIMITS, type Limits, type Visit } from './member.ts';
import { bytes, Refusal } from './refusal.ts';
import { readTar } from './tar-reader.ts';
import { createTree } from './tree.ts';
import { findTopFolder, withoutTopFolder } from './unwrap.ts';
import { createWriter } from './writer.ts';
import { readZip } from './zip-reader.ts';

export interface UnpackOptions extends Ownership {
  /** Whether a folder that all members are in is taken off their names; never unless told. */
  readonly unwrap?: (folder: string) => boolean;
  readonly limits?: Partial<Limits>;
}

/** `reason` is a sentence about the archive, such as `"../x" leads out of the archive`. */
export type UnpackResult =
  | { readonly ok: true; readonly members: number; readonly bytes: number }
  | { readonly ok: false; readonly reason: string };

/** Bytes that a tar archive may have for headers, names and padding, for each member that it may have. */
const OVERHEAD = 2048;
/** Bytes that stay free on the disk. */
const SPARE = 64 * 2 ** 20;

/**
 * Unpacks a tar.gz, tar.xz, tar.bz2, tar.zst, tar or zip archive, told by its content, as a new folder.
 *
 * It is read twice: once to check every member, and again to unpack to one side, where the same checks run once more. Only
 * a whole tree, with its owner, is renamed to the destination. Both are paths of the machine.
 *
 * @throws MachineError when the destination is there already, or the disk does not take it
 */
export async function unpack(
  machine: Machine,
  archive: string,
  destination: string,
  options: UnpackOptions = {},
): Promise<UnpackResult> {
  const limits = { ...LIMITS, ...options.limits };
  const signal = AbortSignal.timeout(limits.timeout * 1000);
  try {
    return await inParent(machine, archive, {}, async (parent, name) => {
      const fd = openSync(parent.at(name), constants.O_RDONLY | constants.O_NONBLOCK);
      try {
        const format = formatOf(fd);
        const found = await readThrough(fd, format, limits, signal);
        const { top } = found;
        const unwrap = top !== undefined && options.unwrap?.(top) === true;
        await unpackAside(machine, destination, options, found.bytes, (folder) =>
          writeOut(fd, format, limits, signal, folder, unwrap),
        );
        return { ok: true, members: found.members, bytes: found.bytes };
      } finally {
        closeSync(fd);
      }
    });
  } catch (error) {
    if (signal.aborted) return { ok: false, reason: `it could not be unpacked within ${limits.timeout} s` };
    if (error instanceof Refusal) return { ok: false, reason: error.message };
    throw error;
  }
}

async function read(fd: number, format: Format, limits: Limits, signal: AbortSignal, visit: Visit): Promise<void> {
  if (format === 'zip') await readZip(fd, limits, signal, visit);
  else await readTar(decompress(fd, format, signal), limits.bytes + OVERHEAD * limits.members, visit);
  signal.throwIfAborted();
}

async function readThrough(fd: number, format: Format, limits: Limits, signal: AbortSignal) {
  const tree = createTree(limits);
  const top = findTopFolder();
  await read(fd, format, limits, signal, (member) => {
    tree.admit(member);
    top.visit(member);
    return undefined;
  });
  return { ...tree.finish(), top: top.name() };
}

/** Makes a folder beside the destination, fills it, gives it away, and renames it; a killed hook's one is removed first. */
async function unpackAside(
  machine: Machine,
  destination: string,
  ownership: Ownership,
  size: number,
  fill: (folder: string) => Promise<void>,
): Promise<void> {
  const aside = `${destination}.unpacking`;
  await removeTree(machine, aside);
  await inParent(machine, destination, { make: true }, async (parent, name) => {
    const free = statfsSync(parent.at('.'));
    if (size + SPARE > free.bavail * free.bsize) {
      const there = bytes(free.bavail * free.bsize);
      throw new Refusal(`it needs ${bytes(size)} and ${bytes(SPARE)} to spare, and ${there} are free on the disk`);
    }
    mkdirSync(parent.at(`${name}.unpacking`), { mode: 0o700 });
    const fd = openSync(
      parent.at(`${name}.unpacking`),
      constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW,
    );
    try {
      // Where another user owns the folder around it, it may be that user's own by now, who could lead the content elsewhere.
      const { uid, mode } = fstatSync(fd);
      if (uid !== process.geteuid?.() || (mode & 0o777) !== 0o700) {
        throw new MachineError(`${aside} was replaced while it was made; it is tried again in the next hook`);
      }
      await fill(`/proc/self/fd/${fd}`);
      await giveTreeTo(machine, fd, ownership);
      fchmodSync(fd, 0o755);
      await machine.run('sync', ['-f', '--', `/proc/${process.pid}/fd/${fd}/.`], { timeout: 120 });
      renameNew(parent.at(`${name}.unpacking`), parent.at(name), destination);
    } finally {
      closeSync(fd);
    }
  }).catch(async (error) => {
    await removeTree(machine, aside);
    throw error;
  });
}

function renameNew(from: string, to: string, shown: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    throw new MachineError(`${shown} is there already; remove it`, { cause: error });
  }
}

/** Second reading, with the same checks: the file may have changed since the first. */
async function writeOut(
  fd: number,
  format: Format,
  limits: Limits,
  signal: AbortSignal,
  folder: string,
  unwrap: boolean,
): Promise<void> {
  const tree = createTree(limits);
  const writer = createWriter(folder);
  try {
    const put: Visit = (member) => writer.put(tree.admit(member));
    await read(fd, format, limits, signal, unwrap ? withoutTopFolder(put) : put);
    tree.finish();
    writer.finish();
  } finally {
    writer.close();
  }
}
