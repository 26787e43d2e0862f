import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMachine } from '../real-machine.ts';
import { byPython, type Made, tarOf } from './make-archive.fixture.ts';
import { unpack } from './unpack.ts';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'unpack-'));
  mkdirSync(`${root}/srv`);
  mkdirSync(`${root}/outside`);
  writeFileSync(`${root}/outside/file`, 'as it was');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Unpacks, and sees that nothing outside was touched and nothing inside leads there, whatever the result. */
async function unpackSafely(archive: Uint8Array): Promise<boolean> {
  rmSync(`${root}/srv/new`, { recursive: true, force: true });
  writeFileSync(`${root}/a`, archive);
  const result = await unpack(createMachine(root), '/a', '/srv/new', { limits: { bytes: 2 ** 22, members: 100 } });
  expect(readdirSync(root).sort()).toEqual(['a', 'outside', 'srv']);
  expect(readdirSync(`${root}/outside`)).toEqual(['file']);
  expect(readFileSync(`${root}/outside/file`, 'utf8')).toBe('as it was');
  expect(readdirSync(`${root}/srv`)).toEqual(result.ok ? ['new'] : []);
  if (!result.ok) expect(result.reason).toMatch(/^\P{Cc}{5,400}$/u);
  else expectContained(`${root}/srv/new`);
  return result.ok;
}

function expectContained(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    const stat = lstatSync(path);
    expect(stat.isFile() || stat.isDirectory() || stat.isSymbolicLink()).toBe(true);
    if (stat.isSymbolicLink()) expect(reach(path)).toMatch(/^(?:dangling|.*\/srv\/new(?:\/.*)?)$/);
    else expect(stat.mode & 0o7000).toBe(0);
    if (stat.isDirectory()) expectContained(path);
  }
}

function reach(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return 'dangling';
  }
}

const name = fc.oneof(
  fc
    .array(fc.constantFrom('a', 'b', '..', '.', '', 'ü', '\u0000', 'c\\d', 'x'.repeat(99)), {
      minLength: 1,
      maxLength: 5,
    })
    .map((parts) => parts.join('/')),
  fc.constantFrom('/', '.', '..', './', '../outside/file', 'a', 'b'),
);
const member: fc.Arbitrary<Made> = fc.record({
  name,
  type: fc.constantFrom('0', '0', '0', '1', '2', '2', '5', '3', '6', '7', 'x', 'g', 'L', 'K', 'S', '\u0000', 'Z'),
  mode: fc.constantFrom(0o644, 0o755, 0, 0o777, 0o4755, 0o1777),
  content: fc.constantFrom('', 'x', '17 path=../../x\n\n', 'a/b', '../outside/file'),
  link: name,
});

test('whatever members a tar archive has, nothing outside is touched or reached', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(member, { minLength: 1, maxLength: 6 }), async (members) => {
      await unpackSafely(gzipSync(tarOf(members), { level: 0 }));
    }),
    { numRuns: 300 },
  );
});

test('names that are no danger are all taken', async () => {
  const plain = fc.stringMatching(/^[a-zA-Zäß €$%'"`&;*?\\-]{1,20}$/);
  const paths = fc.uniqueArray(plain, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(paths, async (names) => {
      expect(await unpackSafely(tarOf(names.map((each) => ({ name: each, content: each }))))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test.each(['tar', 'tar.gz', 'tar.xz', 'zip'])(
  'a %s with any bytes changed is unpacked or refused, never more',
  async (kind) => {
    const modes: Record<string, string> = { tar: 'w', 'tar.gz': 'w:gz', 'tar.xz': 'w:xz' };
    byPython(
      `${root}/a`,
      kind === 'zip'
        ? 'z = zipfile.ZipFile(path, "w"); z.writestr("a/b", "x" * 300); z.writestr("c", ""); z.close()'
        : `
with tarfile.open(path, "${modes[kind]}", format=tarfile.PAX_FORMAT) as t:
    i = tarfile.TarInfo("a/ü" * 40); i.size = 300; t.addfile(i, io.BytesIO(b"x" * 300))
    i = tarfile.TarInfo("l"); i.type = tarfile.SYMTYPE; i.linkname = "a"; t.addfile(i)
`,
    );
    const honest = readFileSync(`${root}/a`);
    expect(await unpackSafely(honest)).toBe(true);
    const change = fc.record({ at: fc.nat(honest.length - 1), to: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(honest.length),
        async (changes, length) => {
          const changed = Buffer.from(honest);
          for (const { at, to } of changes) changed[at] = to;
          await unpackSafely(length % 4 === 0 ? changed.subarray(0, length) : changed);
        },
      ),
      { numRuns: 100 },
    );
  },
);

test('random bytes behind the first bytes of each kind are refused', async () => {
  const heads = ['\x1f\x8b\x08', '\xfd7zXZ\0', 'BZh9', '\x28\xb5\x2f\xfd', 'PK\x03\x04', 'PK\x05\x06', ''];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 2000 }), async (head, rest) => {
      expect(await unpackSafely(Buffer.concat([Buffer.from(head, 'latin1'), rest]))).toBe(false);
    }),
    { numRuns: 60 },
  );
});

const normalize = (path: string) =>
  path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');

test('GNU tar sees the same names in what is taken', async () => {
  const common = member.filter(({ type }) => ['0', '2', '5'].includes(type ?? ''));
  await fc.assert(
    fc.asyncProperty(fc.array(common, { minLength: 1, maxLength: 4 }), async (members) => {
      rmSync(`${root}/srv/new`, { recursive: true, force: true });
      writeFileSync(`${root}/a`, tarOf(members));
      const result = await unpack(createMachine(root), '/a', '/srv/new');
      if (!result.ok) return;
      const listed = execFileSync('tar', ['-tf', `${root}/a`, '--quoting-style=literal'], { encoding: 'utf8' });
      for (const path of listed.trim().split('\n').map(normalize)) {
        expect(lstatSync(`${root}/srv/new/${path}`, { throwIfNoEntry: false })).toBeDefined();
      }
    }),
    { numRuns: 60 },
  );
});
