import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Entry, fromBuffer } from 'yauzl';
import { type Tree, text } from './tree.ts';
import { zip } from './zip.ts';

const run = promisify(execFile);

/** Reads an archive by another library than the one that wrote it. */
function entriesOf(archive: Uint8Array): Promise<Record<string, { mode: number; text: string; date: number }>> {
  return new Promise((resolve, reject) => {
    const found: Record<string, { mode: number; text: string; date: number }> = {};
    fromBuffer(Buffer.from(archive), { lazyEntries: true }, (error, file) => {
      if (error) return reject(error);
      file.on('error', reject);
      file.on('end', () => resolve(found));
      file.on('entry', (entry: Entry) => {
        file.openReadStream(entry, async (failure, stream) => {
          if (failure) return reject(failure);
          const text = Buffer.concat(await stream.toArray()).toString();
          found[entry.fileName] = { mode: entry.externalFileAttributes >>> 16, text, date: entry.lastModFileDate };
          file.readEntry();
        });
      });
      file.readEntry();
    });
  });
}

test('keeps content, executable bits and links; names are sorted and dates are one', async () => {
  const tree: Tree = new Map([
    ['lib/b', text('data')],
    ['hooks/install', text('#!/bin/sh\n', { executable: true })],
    ['hooks/start', { kind: 'link', target: 'install' }],
  ]);
  const entries = await entriesOf((await zip(tree)).bytes);
  expect(Object.keys(entries)).toEqual(['hooks/install', 'hooks/start', 'lib/b']);
  expect(entries['hooks/install']).toMatchObject({ mode: 0o100755, text: '#!/bin/sh\n' });
  expect(entries['hooks/start']).toMatchObject({ mode: 0o120777, text: 'install' });
  expect(entries['lib/b']).toMatchObject({ mode: 0o100644, text: 'data' });
  expect(new Set(Object.values(entries).map(({ date }) => date)).size).toBe(1);
});

test('the same tree is the same bytes, whatever its order', async () => {
  const files = fc.dictionary(fc.stringMatching(/^[a-z]{1,8}(\/[a-z.]{1,8}x)?$/), fc.string({ unit: 'binary' }));
  await fc.assert(
    fc.asyncProperty(files, async (contents) => {
      const nodes = Object.entries(contents).map(([path, data]) => [path, text(data)] as const);
      const { bytes: forwards } = await zip(new Map(nodes));
      expect(Buffer.compare(forwards, (await zip(new Map(nodes.reverse()))).bytes)).toBe(0);
      const read = await entriesOf(forwards);
      expect(Object.fromEntries(Object.entries(read).map(([path, entry]) => [path, entry.text]))).toEqual(
        Object.fromEntries(Object.entries(contents).map(([path, data]) => [path, Buffer.from(data).toString()])),
      );
    }),
    { numRuns: 50 },
  );
});

test('unpacks with the tools of the machine', async () => {
  const scratch = await mkdtemp(join(tmpdir(), 'zip-'));
  try {
    const { bytes } = await zip(new Map([['hooks/install', text('hi', { executable: true })]]));
    await writeFile(join(scratch, 'x.charm'), bytes);
    const { stdout } = await run('python3', ['-m', 'zipfile', '--test', join(scratch, 'x.charm')]);
    expect(stdout).toContain('Done testing');
  } finally {
    await rm(scratch, { recursive: true });
  }
});
