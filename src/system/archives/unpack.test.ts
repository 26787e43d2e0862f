import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Machine } from '../machine.ts';
import { createMachine } from '../real-machine.ts';
import { byPython, type Made, tarOf } from './make-archive.fixture.ts';
import type { Limits } from './member.ts';
import { type UnpackResult, unpack } from './unpack.ts';

let root: string;
let machine: Machine;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unpack-'));
  machine = createMachine(root);
  mkdirSync(`${root}/srv/old`, { recursive: true });
  writeFileSync(`${root}/srv/old/app.py`, 'old');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const take = (limits: Partial<Limits> = {}): Promise<UnpackResult> => unpack(machine, '/a', '/srv/new', { limits });
const write = (content: Buffer) => writeFileSync(`${root}/a`, content);

/** Nothing but the archive and what was there before. */
function expectNothingTouched(): void {
  expect(
    readdirSync(root)
      .filter((name) => name !== 'bin')
      .sort(),
  ).toEqual(['a', 'srv']);
  expect(readdirSync(`${root}/srv`)).toEqual(['old']);
  expect(readFileSync(`${root}/srv/old/app.py`, 'utf8')).toBe('old');
}

async function expectRefused(reason: string | RegExp, limits: Partial<Limits> = {}): Promise<void> {
  const result = await take(limits);
  expect(result).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  expectNothingTouched();
}

const TREE = `
import os
os.makedirs(path + ".d/app/static")
os.chmod(path + ".d/app/static", 0o2775)
for name, mode, text in (("app/wsgi.py", 0o644, "x = 1\\n"), ("app/run", 0o755, ""), ("app/ünï 'x'", 0o600, "y" * 100000)):
    with open(f"{path}.d/{name}", "w") as f: f.write(text)
    os.chmod(f"{path}.d/{name}", mode)
    os.utime(f"{path}.d/{name}", (1600000000, 1600000000))
os.symlink("../app/wsgi.py", path + ".d/app/static/link")
`;

function expectTree(): void {
  expect(readdirSync(`${root}/srv`)).toEqual(['new', 'old']);
  expect(readFileSync(`${root}/srv/new/app/wsgi.py`, 'utf8')).toBe('x = 1\n');
  expect(readFileSync(`${root}/srv/new/app/ünï 'x'`, 'utf8')).toBe('y'.repeat(100_000));
  const modes = ['', '/app', '/app/static', '/app/run', "/app/ünï 'x'"].map(
    (path) => lstatSync(`${root}/srv/new${path}`).mode & 0o7777,
  );
  expect(modes).toEqual([0o755, 0o755, 0o775, 0o755, 0o600]);
  expect(readlinkSync(`${root}/srv/new/app/static/link`)).toBe('../app/wsgi.py');
  expect(lstatSync(`${root}/srv/new/app/wsgi.py`).mtimeMs).toBe(1_600_000_000_000);
}

describe('an honest archive', () => {
  test.each([
    ['GNU tar, gzip', 'tar -C "$1.d" -czf "$1" .'],
    ['GNU tar, named members', 'tar -C "$1.d" -czf "$1" app'],
    ['GNU tar, POSIX format', 'tar --format=posix -C "$1.d" -czf "$1" app'],
    ['GNU tar, xz', 'tar -C "$1.d" -cJf "$1" app'],
    ['GNU tar, bzip2', 'tar -C "$1.d" -cjf "$1" app'],
    ['GNU tar, zstd', 'tar -C "$1.d" --zstd -cf "$1" app'],
    ['GNU tar, not compressed', 'tar -C "$1.d" -cf "$1" app'],
    [
      'gzip in several pieces',
      'tar -C "$1.d" -cf "$1.t" app && (head -c 1000 "$1.t" | gzip; tail -c +1001 "$1.t" | gzip) >"$1"; rm "$1.t"',
    ],
    ['Info-ZIP', 'cd "$1.d" && TZ=UTC zip -qry "$1.zip" app && mv "$1.zip" "$1"'],
  ])('of %s is unpacked as it is', async (_, script) => {
    byPython(`${root}/a`, TREE);
    execFileSync('sh', ['-c', script, 'sh', `${root}/a`]);
    rmSync(`${root}/a.d`, { recursive: true });
    vi.stubEnv('TZ', 'UTC');
    expect(await take()).toMatchObject({ ok: true, bytes: expect.any(Number) });
    expectTree();
  });

  test('of Python is unpacked as it is, long names and hard links included', async () => {
    const long = `${'d'.repeat(200)}/${'f'.repeat(200)}`;
    byPython(
      `${root}/a`,
      `
with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as t:
    i = tarfile.TarInfo("${long}"); i.size = 3; t.addfile(i, io.BytesIO(b"abc"))
    i = tarfile.TarInfo("hard"); i.type = tarfile.LNKTYPE; i.linkname = "${long}"; t.addfile(i)
    i = tarfile.TarInfo("soft"); i.type = tarfile.SYMTYPE; i.linkname = "dangling/but/inside"; t.addfile(i)
`,
    );
    expect(await take()).toEqual({ ok: true, members: 3, bytes: 3 });
    expect(lstatSync(`${root}/srv/new/hard`).ino).toBe(lstatSync(`${root}/srv/new/${long}`).ino);
    expect(readlinkSync(`${root}/srv/new/soft`)).toBe('dangling/but/inside');
  });

  test('made by git, with its comment and folders that are only implied', async () => {
    byPython(
      `${root}/a`,
      `
with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT, pax_headers={"comment": "0" * 40}) as t:
    i = tarfile.TarInfo("a/b/c"); t.addfile(i)
`,
    );
    expect(await take()).toMatchObject({ ok: true });
    expect(lstatSync(`${root}/srv/new/a/b/c`).isFile()).toBe(true);
  });

  test('as a zip of Python, whose members say nothing of modes', async () => {
    byPython(
      `${root}/a`,
      'with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("a/b.txt", "x" * 99999)',
    );
    expect(await take()).toEqual({ ok: true, members: 1, bytes: 99_999 });
  });

  test('what an interrupted unpacking left is cleared away', async () => {
    write(tarOf([{ name: 'a' }]));
    mkdirSync(`${root}/srv/new.unpacking/x`, { recursive: true });
    expect(await take()).toMatchObject({ ok: true });
    expect(readdirSync(`${root}/srv`)).toEqual(['new', 'old']);
    expect(readdirSync(`${root}/srv/new`)).toEqual(['a']);
  });

  test('does not replace what is there', async () => {
    write(tarOf([{ name: 'a' }]));
    await expect(unpack(machine, '/a', '/srv/old')).rejects.toThrow('/srv/old is there already; remove it');
    expectNothingTouched();
  });

  test.runIf(process.geteuid?.() === 0)('belongs to whom it is given', async () => {
    write(tarOf([{ name: 'd/a' }, { name: 'd/l', type: '2', link: 'a' }]));
    await unpack(machine, '/a', '/srv/new', { owner: 'nobody', group: 'nogroup' });
    for (const path of ['', '/d', '/d/a', '/d/l']) expect(lstatSync(`${root}/srv/new${path}`).uid).toBe(65534);
  });
});

describe('a tar archive is refused when', () => {
  test.each<[string, Made[], string]>([
    ['a path is absolute', [{ name: '/etc/x' }], '"/etc/x" is an absolute path'],
    ['a path climbs out', [{ name: 'a/../../x' }], '"a/../../x" leads out of the archive'],
    ['a path climbs at all', [{ name: 'a/../x' }], '"a/../x" leads out of the archive'],
    ['a symlink is absolute', [{ name: 'l', type: '2', link: '/etc' }], '"l" is a symbolic link that leads out'],
    ['a symlink climbs out', [{ name: 'd/l', type: '2', link: '../../x' }], '"d/l" is a symbolic link that leads out'],
    [
      'symlinks climb out together',
      [
        { name: 'a/b/up', type: '2', link: '../..' },
        { name: 'out', type: '2', link: 'a/b/up/..' },
      ],
      '"out" is a symbolic link that leads out',
    ],
    [
      'symlinks go in a circle',
      [
        { name: 'a', type: '2', link: 'b' },
        { name: 'b', type: '2', link: 'a' },
      ],
      '"a" is a symbolic link that leads in a circle',
    ],
    [
      'something lies below a symlink',
      [{ name: 'd', type: '2', link: '.' }, { name: 'd/x' }],
      '"d/x" lies below "d", which is no directory',
    ],
    ['something lies below a file', [{ name: 'd' }, { name: 'd/x' }], '"d/x" lies below "d", which is no directory'],
    [
      'a hard link leads out',
      [{ name: 'h', type: '1', link: '../../etc/shadow' }],
      '"h" is a hard link that leads out',
    ],
    ['a hard link is absolute', [{ name: 'h', type: '1', link: '/etc/shadow' }], '"h" is a hard link that leads out'],
    [
      'a hard link comes first',
      [{ name: 'h', type: '1', link: 'f' }, { name: 'f' }],
      'is a hard link to "f", which is no',
    ],
    [
      'a hard link names a symlink',
      [
        { name: 's', type: '2', link: 'x' },
        { name: 'h', type: '1', link: 's' },
      ],
      '"h" is a hard link to "s", which is no file',
    ],
    ['there is a device', [{ name: 'dev/sda', type: '4' }], '"dev/sda" is a device'],
    ['there is a character device', [{ name: 'null', type: '3' }], '"null" is a device'],
    ['there is a named pipe', [{ name: 'p', type: '6' }], '"p" is a named pipe'],
    ['there is a sparse file', [{ name: 's', type: 'S' }], '"s" is a sparse file'],
    ['there is an unknown kind', [{ name: 'u', type: 'V' }], '"u" is of an unknown kind'],
    ['there is a setuid file', [{ name: 'su', mode: 0o4755 }], '"su" has the setuid or setgid bit'],
    ['there is a setgid file', [{ name: 'sg', mode: 0o2755 }], '"sg" has the setuid or setgid bit'],
    ['a name comes twice', [{ name: 'a' }, { name: './a' }], '"./a" is there twice'],
    [
      'a folder comes twice',
      [
        { name: 'd/', type: '5' },
        { name: 'd', type: '5' },
      ],
      '"d" is there twice',
    ],
    ['a file takes the place of a folder', [{ name: 'd/x' }, { name: 'd' }], '"d" is there twice'],
    ['a name has a newline', [{ name: 'a\nb' }], '"a\\nb" has control characters in its name'],
    ['a name has an escape', [{ name: 'a\u001b[2J' }], '"a\\u001b[2J" has control characters'],
    [
      'a name has a component too long',
      [{ name: 'x' }, { name: 'L', type: 'L', content: 'n'.repeat(256) }, { name: 'n' }],
      'is too long a name',
    ],
    ['it has no members', [], 'it is (?:empty|damaged|neither)'],
  ])('%s', async (_, members, reason) => {
    write(gzipSync(tarOf(members)));
    await expectRefused(reason.replace(/[.[\\()]/g, (c) => (reason.startsWith('it is') ? c : `\\${c}`)));
  });

  test('a name is no UTF-8', async () => {
    const tar = tarOf([{ name: 'a\u00ff' }]);
    tar[1] = 0xff;
    tar[2] = 0x20;
    tar.write(
      `${(Number.parseInt(tar.toString('latin1', 148, 154), 8) - 0xc3 - 0xbf + 0xff + 0x20).toString(8).padStart(6, '0')}`,
      148,
    );
    write(gzipSync(tar));
    await expectRefused('is not valid UTF-8');
  });

  test('a header was changed', async () => {
    const tar = tarOf([{ name: 'a', content: 'x' }]);
    tar[0] = 0x62;
    write(gzipSync(tar));
    await expectRefused('it is damaged: checksum failure');
  });

  test.each([
    ['in a header', 700],
    ['in a content', 1600],
    ['before its end', 2048],
  ])('it is cut %s', async (_, at) => {
    write(
      tarOf([
        { name: 'a', content: 'x' },
        { name: 'b', content: 'y' },
      ]).subarray(0, at),
    );
    await expectRefused('it is (?:truncated|damaged)');
  });

  test.each(['gzip', 'xz', 'bzip2', 'zstd'])('its %s is cut', async (program) => {
    write(execFileSync(program, ['-c'], { input: tarOf([{ name: 'a', content: Buffer.alloc(300_000, 'abcdefg') }]) }));
    truncateSync(`${root}/a`, lstatSync(`${root}/a`).size - 9);
    await expectRefused(/^it is damaged: ./);
  });

  test.each(['gzip', 'xz', 'bzip2', 'zstd'])('its %s is damaged', async (program) => {
    const content = execFileSync('head', ['-c', '300000', '/dev/urandom']);
    const packed = execFileSync(program, ['-c'], { input: tarOf([{ name: 'a', content }]) });
    for (let i = 150_000; i < 150_032; i++) packed[i] = (packed[i] ?? 0) ^ 0x55;
    write(packed);
    await expectRefused(/^it is damaged: ./);
  });

  test('something follows its end', async () => {
    write(gzipSync(Buffer.concat([tarOf([{ name: 'a' }]), Buffer.alloc(100_000), tarOf([{ name: '../b' }])])));
    await expectRefused('something follows after its end');
  });

  test('it is something else', async () => {
    write(Buffer.from('<html>404</html>'));
    await expectRefused('it is neither a tar.gz, tar.xz, tar.bz2, tar.zst nor a zip archive');
    write(Buffer.alloc(0));
    await expectRefused('it is empty');
    write(gzipSync('hello'));
    await expectRefused('it is (?:truncated|damaged)');
  });

  test('the program for it is missing', async () => {
    write(execFileSync('xz', ['-c'], { input: tarOf([{ name: 'a' }]) }));
    mkdirSync(`${root}/bin`);
    vi.stubEnv('PATH', `${root}/bin`);
    const result = await take();
    expect(result).toMatchObject({ ok: false, reason: 'it needs the program xz; add xz-utils to apt_dependencies' });
  });
});

describe('a bomb is refused', () => {
  test('by what a header says, before any of it is read', async () => {
    write(gzipSync(tarOf([{ name: 'big', size: 7 * 2 ** 30 }])));
    await expectRefused('"big" makes it larger than 2 GiB, which is the most that is taken');
  });

  test('of 10 GB in 10 MB, with little memory and time', async () => {
    const chunk = gzipSync(Buffer.alloc(2 ** 28), { level: 1 });
    write(
      Buffer.concat([gzipSync(tarOf([{ name: 'z', size: 10 * 2 ** 30 }]).subarray(0, 512)), ...Array(40).fill(chunk)]),
    );
    expect(lstatSync(`${root}/a`).size).toBeGreaterThan(10e6);
    const before = process.memoryUsage().rss;
    const began = performance.now();
    await expectRefused('"z" makes it larger than 2 GiB');
    expect(performance.now() - began).toBeLessThan(5000);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
  });

  test('that hides behind the end, or in headers that are no members', async () => {
    const zeros = gzipSync(Buffer.alloc(2 ** 26), { level: 1 });
    write(Buffer.concat([gzipSync(tarOf([{ name: 'a' }])), ...Array(10).fill(zeros)]));
    await expectRefused('it is larger than 102 MiB with its headers', { bytes: 100 * 2 ** 20, members: 1000 });
    write(gzipSync(tarOf([{ name: 'x', type: 'x', content: Buffer.alloc(20 * 2 ** 20) }, { name: 'a' }])));
    await expectRefused('"x" is of an unknown kind', { bytes: 100 * 2 ** 20 });
  });

  test('of a million files, at the first too many', async () => {
    byPython(
      `${root}/a`,
      `
import gzip
block = tarfile.TarInfo("%07d" % 0).tobuf()
with gzip.open(path, "wb", 1) as f:
    for i in range(1000000):
        name = b"%07d" % i
        head = bytearray(block); head[0:7] = name; head[148:156] = b" " * 8
        head[148:155] = b"%06o\\0" % sum(head); f.write(head)
        if i > 250000: break
    f.write(b"\\0" * 1024)
`,
    );
    await expectRefused('"0200000" is member 200001, and more than 200000 are not taken');
  });

  test('as a zip that says what it is', async () => {
    byPython(
      `${root}/a`,
      'with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("z", bytes(9000000))',
    );
    await expectRefused('"z" makes it larger than 1 MiB', { bytes: 2 ** 20 });
  });

  test('as a zip that says otherwise', async () => {
    byPython(
      `${root}/a`,
      'with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z: z.writestr("z", bytes(9000000))',
    );
    const zip = readFileSync(`${root}/a`);
    zip.writeUInt32LE(100, zip.lastIndexOf('PK\x01\x02') + 24);
    write(zip);
    await expectRefused(/"z" is damaged: too many bytes/);
  });

  test('that takes too long to read', async () => {
    write(
      gzipSync(Buffer.concat([tarOf([{ name: 'a', size: 2 ** 30 }]).subarray(0, 512), Buffer.alloc(2 ** 28)]), {
        level: 1,
      }),
    );
    await expectRefused('it could not be unpacked within 0.02 s', { timeout: 0.02 });
  });
});

describe('a zip archive is refused when', () => {
  const add = (body: string) =>
    byPython(
      `${root}/a`,
      `
def entry(name, mode, content=b""):
    i = zipfile.ZipInfo("x"); i.filename = name; i.create_system = 3; i.external_attr = mode << 16
    z.writestr(i, content)
with zipfile.ZipFile(path, "w") as z:
    ${body}
`,
    );

  test.each([
    ['a path is absolute', 'entry("/etc/x", 0o100644)', '"/etc/x" is an absolute path'],
    ['a path climbs out', 'entry("../x", 0o100644)', '"../x" leads out of the archive'],
    ['a symlink climbs out', 'entry("l", 0o120777, b"../x")', '"l" is a symbolic link that leads out'],
    ['a symlink is absolute', 'entry("l", 0o120777, b"/etc")', '"l" is a symbolic link that leads out'],
    ['a symlink is huge', 'entry("l", 0o120777, b"x" * 9999)', '"l" is a symbolic link to what is no path'],
    ['there is a named pipe', 'entry("p", 0o010644)', '"p" is a named pipe'],
    ['there is a device', 'entry("d", 0o060644)', '"d" is a device'],
    ['there is a socket', 'entry("s", 0o140644)', '"s" is a socket'],
    ['there is a setuid file', 'entry("su", 0o104755)', '"su" has the setuid or setgid bit'],
    ['a name comes twice', 'entry("a", 0o100644); entry("a", 0o100644)', '"a" is there twice'],
    ['a folder has content', 'entry("d/", 0o040755, b"x")', '"d/" is a directory with content'],
    ['a file is named as a folder', 'entry("d/", 0o100755, b"x")', '"d/" has no name'],
    ['a compression is not known', 'z.writestr("b", b"x" * 999, zipfile.ZIP_BZIP2)', '"b" is compressed by a method'],
  ])('%s', async (_, body, reason) => {
    add(body);
    await expectRefused(reason);
  });

  test('it is cut, or its content was changed', async () => {
    add('entry("a", 0o100644, b"content " * 99)');
    const zip = readFileSync(`${root}/a`);
    write(zip.subarray(0, zip.length - 20));
    await expectRefused('it is damaged: ');
    zip[200] = 0x21;
    write(zip);
    await expectRefused('"a" is damaged: its checksum is wrong');
  });

  test('it is encrypted', async () => {
    add('entry("a", 0o100644, b"x" * 13)');
    const zip = readFileSync(`${root}/a`);
    zip.writeUInt16LE(1, zip.lastIndexOf('PK\x01\x02') + 8);
    zip.writeUInt32LE(1, zip.lastIndexOf('PK\x01\x02') + 24);
    write(zip);
    await expectRefused('"a" is encrypted');
  });

  test('a name is no UTF-8', async () => {
    add('entry("aa", 0o100644)');
    const zip = readFileSync(`${root}/a`);
    zip[zip.lastIndexOf('PK\x01\x02') + 46] = 0xff;
    write(zip);
    await expectRefused('is not valid UTF-8');
  });

  test('it has more members than are taken', async () => {
    add('[entry(str(i), 0o100644) for i in range(20)]');
    await expectRefused('it has 20 members, and more than 10 are not taken', { members: 10 });
  });
});
