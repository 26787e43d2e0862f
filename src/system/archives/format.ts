import { readSync } from 'node:fs';
import { Refusal } from './refusal.ts';

/** How an archive is packed. */
export type Format = 'zip' | 'tar' | 'tar.gz' | 'tar.xz' | 'tar.bz2' | 'tar.zst';

const MAGIC: ReadonlyArray<readonly [Format, number, Buffer]> = [
  ['tar.gz', 0, Buffer.from([0x1f, 0x8b])],
  ['tar.xz', 0, Buffer.from('\xfd7zXZ\0', 'latin1')],
  ['tar.bz2', 0, Buffer.from('BZh')],
  ['tar.zst', 0, Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['zip', 0, Buffer.from('PK\x03\x04')],
  ['zip', 0, Buffer.from('PK\x05\x06')],
  ['tar', 257, Buffer.from('ustar')],
];

/**
 * What the first bytes of a file say it is; its name may say anything.
 *
 * @throws Refusal for any other file
 */
export function formatOf(fd: number): Format {
  const head = Buffer.alloc(512);
  const length = readSync(fd, head, 0, head.length, 0);
  if (length === 0) throw new Refusal('it is empty');
  const found = MAGIC.find(([, at, magic]) => head.subarray(at, at + magic.length).equals(magic));
  if (found === undefined) throw new Refusal('it is neither a tar.gz, tar.xz, tar.bz2, tar.zst nor a zip archive');
  return found[0];
}
